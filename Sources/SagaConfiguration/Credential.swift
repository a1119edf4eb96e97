/// A secret as systemd hands it over: a file of its own in the directory that `$CREDENTIALS_DIRECTORY` names (systemd.exec(5),
/// `LoadCredential=`).
struct Credential {
    let path: String
    let contents: [UInt8]

    /// nil where there is none.
    init?(_ name: String, environment: [String: String]) throws(ConfigurationError) {
        guard let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else { return nil }
        path = "\(directory)/\(name)"
        do {
            contents = try ConfigurationFile.contents(of: path)
        } catch {
            if error == .missing { return nil }
            throw Credential.problem(path, error.description)
        }
    }

    /// What is in it but for the line break that an editor leaves at its end.
    var line: ArraySlice<UInt8> {
        var line = contents[...]
        while let last = line.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    /// What is wrong with it; never what is in it.
    func problem(_ message: String, line: Int? = nil) -> ConfigurationError { Credential.problem(path, message, line: line) }

    private static func problem(_ path: String, _ message: String, line: Int? = nil) -> ConfigurationError {
        ConfigurationError(problems: [.init(origin: .file(path, line: line), path: "", message: message)])
    }
}
