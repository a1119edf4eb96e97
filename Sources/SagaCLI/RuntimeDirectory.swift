/// Finds the directory of the admin sockets: the option, else the environment, else the configuration file, else /run/sagad.
///
/// The file is read only if nothing stronger decides: an operator who names the directory is not stopped by a broken file.
enum RuntimeDirectory {
    static let variable = "SAGAD_RUNTIME_DIRECTORY"
    static let standard = "/run/sagad"

    static func resolve(
        option: String?, configurationFile: String?, environment: [String: String],
        configured: (_ file: String?) throws -> String = { _ in standard }
    ) throws -> String {
        if let option { return option }
        if let value = environment[variable], !value.isEmpty { return value }
        return try configured(configurationFile)
    }
}
