/// The token for the payment gateway: the credential `payment.gateway-token`.
enum GatewayCredential {
    static let name = "payment.gateway-token"

    /// One line. nil where there is none.
    static func read(environment: [String: String]) throws(ConfigurationError) -> Secret? {
        guard let credential = try Credential(name, environment: environment) else { return nil }
        let bytes = credential.line
        // What may stand in a header field (RFC 6750, section 2.1, and a little more).
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw credential.problem("is not a token: one line of visible ASCII characters")
        }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
