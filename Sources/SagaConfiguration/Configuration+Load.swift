extension Configuration {
    package static let defaultFile = "/etc/sagad/sagad.yaml"

    /// Reads `file`, or the default file, which may be missing, and then lets `SAGAD_…` variables override it.
    ///
    /// Nothing is half done: the result obeys every rule, or the error names every problem.
    package static func load(file: String?, environment: [String: String]) throws(ConfigurationError) -> Configuration {
        try load(file: file ?? defaultFile, mayBeMissing: file == nil, environment: environment)
    }

    static func load(
        file: String, mayBeMissing: Bool, environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader()
        do {
            reader.readFile(file, contents: try ConfigurationFile.contents(of: file))
        } catch {
            if error != .missing || !mayBeMissing {
                reader.report(.file(file, line: nil), [], error.description)
            }
        }
        reader.readEnvironment(environment)
        var configuration = try reader.finish()
        configuration.kafka.credentials = try KafkaCredentials.read(environment: environment)
        return configuration
    }
}
