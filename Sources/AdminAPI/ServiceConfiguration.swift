package import struct Saga.ServiceName

/// The answer of `GET /config/keys`, and one element of what `sagactl config --json` prints.
package struct ServiceConfiguration: Codable, Hashable, Sendable {
    package struct Key: Codable, Hashable, Sendable {
        package let key: String
        /// What the running daemon has.
        package let value: ConfigurationValue
        /// `default`, a file and its line, or a variable.
        package let source: String
        /// What file and environment say by now, where that is something else.
        package let configured: ConfigurationValue?
        package let restartNeeded: Bool

        package init(
            key: String, value: ConfigurationValue, source: String, configured: ConfigurationValue? = nil, restartNeeded: Bool
        ) {
            self.key = key
            self.value = value
            self.source = source
            self.configured = configured
            self.restartNeeded = restartNeeded
        }
    }

    package let service: ServiceName
    package let keys: [Key]
    /// What is wrong with the configuration as it would be read now.
    package let problems: [String]?

    package init(service: ServiceName, keys: [Key], problems: [String]? = nil) {
        self.service = service
        self.keys = keys
        self.problems = problems
    }
}
