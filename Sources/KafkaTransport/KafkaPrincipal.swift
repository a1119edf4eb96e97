import Kafka

/// Who this daemon is for the broker, and how to say what he may not.
struct KafkaPrincipal {
    /// As access control lists name him, as far as the settings tell.
    let name: String

    /// - Parameter properties: of librdkafka.
    init(_ properties: [String: String]) {
        let isEncrypted = properties["security.protocol"]?.lowercased() == "ssl"
        let isAuthenticated = properties["security.protocol"]?.lowercased().hasPrefix("sasl") ?? false
        let certificate = ["ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.location"]
        name =
            if isAuthenticated, let user = properties["sasl.username"] {
                "User:\(user)"
            } else if isAuthenticated, let principal = properties["sasl.kerberos.principal"] {
                "User:\(principal.prefix { $0 != "@" })"
            } else if isAuthenticated {
                "the principal of these credentials"
            } else if isEncrypted, certificate.contains(where: { properties[$0] != nil }) {
                "the principal of this certificate"
            } else {
                "User:ANONYMOUS"
            }
    }

    /// Names the right if that is what is missing; else what the error says.
    func words(for error: KafkaError, _ right: KafkaRight) -> String {
        error.isMissingRight ? lack(of: right) : "\(error)"
    }

    func lack(of right: KafkaRight) -> String {
        let principal = name.hasPrefix("User:") ? name : "PRINCIPAL"
        return "\(name) lacks the right \(right): kafka-acls.sh --add --allow-principal \(principal) \(right.options)"
    }
}
