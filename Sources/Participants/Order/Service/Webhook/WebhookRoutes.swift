import AdminAPI
import HTTPServer
import Hummingbird
import Logging
import SagaDaemon
import Systemd

/// What an operator can do about orders that the receiver of webhooks did not take for a day.
struct WebhookRoutes: Sendable {
    let desk: WebhookDesk?
    let context: ServiceContext

    func add(to router: ServiceRouter) {
        router.on(.retryWebhooks) { _, _ in
            let count = try await settle(sendingAgain: true)
            return try Response.encoding(WebhooksRetried(retried: count))
        }
        router.on(.discardWebhooks) { _, _ in
            let count = try await settle(sendingAgain: false)
            return try Response.encoding(WebhooksDiscarded(discarded: count))
        }
    }

    private func settle(sendingAgain: Bool) async throws -> Int {
        guard let desk else { throw ProblemError(.conflict, "there is no webhook: order.webhook.url is empty") }
        let count = try await desk.settle(sendingAgain: sendingAgain)
        context.log.record(.notice, "\(count) webhooks that were given up are \(sendingAgain ? "sent again" : "forgotten")")
        return count
    }
}
