import FoundationEssentials
import Posix
package import Wire

/// The headers of a webhook (Standard Webhooks, 1.0.0): by them the receiver knows who sent it, when, and whether it has it already.
package struct WebhookSignature {
    private let secrets: [[UInt8]]

    /// - Parameter secrets: each signs; the receiver needs one of them.
    package init(secrets: [[UInt8]]) {
        self.secrets = secrets
    }

    /// - Parameters:
    ///   - id: the same for every try.
    ///   - time: of this try; a receiver refuses what is too old.
    package func fields(of body: [UInt8], id: String, time: Timestamp) -> [(name: String, value: String)] {
        let seconds = "\(time.microseconds / 1_000_000)"
        let signed = Array("\(id).\(seconds).".utf8) + body
        let signatures = secrets.map { "v1,\(Data(HMAC.code(of: signed, key: $0)).base64EncodedString())" }
        return [
            ("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
