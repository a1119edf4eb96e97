import SagaConfiguration

/// Finds the directory of the admin sockets: the option, else the environment, else the configuration file, else /run/sagad.
///
/// The file is read only if nothing stronger decides: an operator who names the directory is not stopped by a broken file.
enum RuntimeDirectory {
    static let variable = "SAGAD_RUNTIME_DIRECTORY"

    static func resolve(option: String?, configurationFile: String?, environment: [String: String]) throws(Failure) -> String {
        if let option { return option }
        if let value = environment[variable], !value.isEmpty { return value }
        do throws(ConfigurationError) {
            // Other variables are for the daemons; what is wrong with them is for the daemons to say.
            return try Configuration.load(file: configurationFile, environment: [:]).runtimeDirectory
        } catch {
            let advice = "correct the file, or name the directory with --runtime-directory"
            throw Failure(.usage, (error.problems.map(\.description) + [advice]).joined(separator: "\nsagactl: "))
        }
    }
}
