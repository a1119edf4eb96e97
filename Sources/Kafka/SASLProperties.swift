/// What librdkafka's properties say of how a client proves who it is.
///
/// The library's own default is Kerberos, so that an incomplete set ends in a message about tickets that nobody asked for.
struct SASLProperties {
    private let properties: [String: String]

    init(_ properties: [String: String]) {
        self.properties = properties
    }

    private var isUsed: Bool { properties["security.protocol"]?.lowercased().hasPrefix("sasl_") ?? false }

    private var mechanism: String? { properties["sasl.mechanism"] ?? properties["sasl.mechanisms"] }

    var problem: String? {
        guard isUsed, mechanism == nil else { return nil }
        return "security.protocol \(properties["security.protocol"] ?? "") needs sasl.mechanism, such as PLAIN or SCRAM-SHA-512, with "
            + "sasl.username and, as a credential, sasl.password; GSSAPI for Kerberos"
    }

    /// With something in place of a user name or password that is to come from elsewhere.
    var withSecrets: [String: String] {
        guard isUsed, let mechanism, mechanism.uppercased() == "PLAIN" || mechanism.uppercased().hasPrefix("SCRAM-") else {
            return properties
        }
        return ["sasl.username": "-", "sasl.password": "-"].merging(properties) { $1 }
    }
}
