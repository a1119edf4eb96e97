extension Configuration {
    package static let defaultFile = "/etc/sagad/sagad.yaml"

    /// A configuration with where each of its values is from: the keys that are not here have their defaults.
    package struct Loaded: Sendable {
        package var configuration: Configuration
        package var origins: [[String]: ConfigurationError.Origin]

        package init(configuration: Configuration, origins: [[String]: ConfigurationError.Origin] = [:]) {
            self.configuration = configuration
            self.origins = origins
        }
    }

    /// Reads `file`, or the default file, which may be missing, and then lets `SAGAD_…` variables override it.
    ///
    /// Nothing is half done: the result obeys every rule, or the error names every problem.
    package static func load(file: String?, environment: [String: String]) throws(ConfigurationError) -> Configuration {
        try read(file: file, environment: environment).configuration
    }

    /// The same, with where each value is from.
    package static func read(file: String?, environment: [String: String]) throws(ConfigurationError) -> Loaded {
        try read(file: file ?? defaultFile, mayBeMissing: file == nil, environment: environment)
    }

    static func load(
        file: String, mayBeMissing: Bool, environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        try read(file: file, mayBeMissing: mayBeMissing, environment: environment).configuration
    }

    private static func read(
        file: String, mayBeMissing: Bool, environment: [String: String]
    ) throws(ConfigurationError) -> Loaded {
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
        configuration.order.webhook.secrets = try WebhookCredential.read(environment: environment)
        configuration.store.password = try PostgreSQLCredential.read(environment: environment)
        configuration.payment.gateway.token = try GatewayCredential.read(environment: environment)
        return Loaded(configuration: configuration, origins: reader.origins)
    }
}
