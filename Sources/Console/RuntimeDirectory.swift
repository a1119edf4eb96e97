import SagaConfiguration

/// Finds the directory of the admin sockets: the option, else the environment, else the configuration file, else /run/sagad.
///
/// The file is read only if nothing stronger decides, and a broken one is no reason not to ask: an operator may want to know how
/// daemons are that still run with the one before.
package enum RuntimeDirectory {
    package static let variable = "SAGAD_RUNTIME_DIRECTORY"

    /// - Returns: the directory, and what is wrong with the file that should have named it.
    package static func resolve(
        option: String?, configurationFile: String?, environment: [String: String]
    ) -> (path: String, problems: [String]) {
        if let option { return (option, []) }
        if let value = environment[variable], !value.isEmpty { return (value, []) }
        do throws(ConfigurationError) {
            // Other variables are for the daemons; what is wrong with them is for the daemons to say.
            return (try Configuration.load(file: configurationFile, environment: [:]).runtimeDirectory, [])
        } catch {
            return (Configuration.default.runtimeDirectory, error.problems.map(\.description))
        }
    }
}
