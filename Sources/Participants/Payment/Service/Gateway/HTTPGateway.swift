import Outbound
import Saga
import SagaConfiguration
import Wire

/// A provider, or an adapter in front of one, over HTTP: `docs/gateway.md`. Asked again under the same key, it does nothing twice.
struct HTTPGateway: Sendable {
    private let client: OutboundClient
    private let settings: Configuration.Payment.Gateway
    private let url: String

    /// - Parameter settings: with `kind: http`, so with a URL.
    init(_ settings: Configuration.Payment.Gateway) {
        client = OutboundClient(connections: GatewayQueue<SteadyClock.Instant>.mostAtOnce, caFile: settings.caFile)
        self.settings = settings
        url = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
    }

    func close() async { await client.close() }

    func ask(_ question: GatewayQuestion) async -> GatewayAnswer {
        let payment = question.charge.paymentID
        do {
            let answer =
                switch question {
                case .charge(let charge): try await post("/charges", key: "\(payment)", charge.json)
                case .refund: try await post("/charges/\(payment)/refund", key: "\(payment)-refund", Array("{}".utf8))
                }
            return GatewayAnswer(to: question, status: answer.status, retryAfter: answer.retryAfter, body: answer.body)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// What it knows of a payment.
    func lookUp(_ payment: PaymentID) async -> GatewayRecord {
        do {
            let answer = try await client.get("\(url)/charges/\(payment)", fields, within: settings.timeout)
            return GatewayRecord(status: answer.status, body: answer.body)
        } catch {
            return .unanswered("\(error)")
        }
    }

    private func post(_ path: String, key: String, _ body: [UInt8]) async throws(OutboundError) -> OutboundAnswer {
        let fields = fields + [("Content-Type", "application/json"), ("Idempotency-Key", key)]
        return try await client.post(url + path, fields, body, within: settings.timeout)
    }

    private var fields: [(name: String, value: String)] {
        [("Accept", "application/json")] + (settings.token.map { [("Authorization", "Bearer \($0.value)")] } ?? [])
    }
}

extension Charge {
    fileprivate var json: [UInt8] {
        var text = JSONText()
        text.object {
            $0.member("paymentId", paymentID)
            $0.member("orderId", orderID)
            $0.member("userId", userID)
            $0.member("amount", amount)
        }
        return text.bytes
    }
}
