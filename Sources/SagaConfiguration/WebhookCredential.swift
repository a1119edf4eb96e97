import FoundationEssentials

/// What webhooks are signed with: the credential `webhook.secret`, a secret a line as Standard Webhooks writes them (`whsec_` and Base64).
enum WebhookCredential {
    static let name = "webhook.secret"
    private static let prefix = "whsec_"
    /// "Between 24 bytes and 64 bytes" (Standard Webhooks, signature scheme).
    private static let sizes = 24...64

    /// Usually one. While it is exchanged two, the new one first: each signs.
    static func read(environment: [String: String]) throws(ConfigurationError) -> [[UInt8]] {
        guard let credential = try Credential(name, environment: environment) else { return [] }
        var secrets: [[UInt8]] = []
        for (index, line) in String(decoding: credential.contents, as: UTF8.self).split(whereSeparator: \.isNewline).enumerated() {
            guard line.hasPrefix(prefix), let secret = Data(base64Encoded: String(line.dropFirst(prefix.count))),
                sizes.contains(secret.count)
            else {
                throw credential.problem(
                    "is not a secret for webhooks: \(prefix) and the Base64 of \(sizes.lowerBound) to \(sizes.upperBound) bytes, such as "
                        + "echo \(prefix)$(openssl rand -base64 32) makes", line: index + 1)
            }
            secrets.append([UInt8](secret))
        }
        guard !secrets.isEmpty else { throw credential.problem("has no secret in it") }
        return secrets
    }
}
