/// Which librdkafka properties must not be shown.
enum KafkaSecrets {
    /// Parts of the names of what is secret in librdkafka's CONFIGURATION.md, rather more than too little.
    private static let markers = ["password", "secret", "token", "oauthbearer", "jaas", "ssl.key", "key.pem"]

    static func isSecret(property name: String) -> Bool {
        // librdkafka has names with both separators: ssl.key.pem, ssl_key.
        let name = String(name.lowercased().map { $0 == "_" || $0 == "-" ? "." : $0 })
        return markers.contains { name.contains($0) }
    }
}
