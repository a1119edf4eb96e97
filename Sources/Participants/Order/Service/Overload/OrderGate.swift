package import HTTPTypes
package import HTTPServer
import Synchronization
package import Telemetry
package import Wire

/// Turns new orders away when more come than can be done; everything else passes.
///
/// 503 where the service as a whole cannot: also to the one client that sends all of it, as there is nobody it takes anything from, and
/// behind one address may be a proxy with many clients. 429 where a client wants more than its share and others are served instead.
package final class OrderGate: RequestGate {
    private let control: Mutex<OverloadControl>
    private let clock: SteadyClock
    private let unfinished: @Sendable () -> Int
    private let metrics: Metrics

    private static let overload = Refusal(.unavailable("more orders come than can be done; try again"))
    private static let flood = Refusal(
        ProblemError(.tooManyRequests, "this client sends more than its share of orders; try again", headers: [.retryAfter: "1"]))

    /// - Parameter unfinished: how many orders are undecided.
    package init(unfinished: @escaping @Sendable () -> Int, clock: SteadyClock = .system, metrics: Metrics) {
        control = Mutex(OverloadControl(at: clock.now))
        self.clock = clock
        self.unfinished = unfinished
        self.metrics = metrics
        count(.serviceUnavailable, by: 0)
        count(.tooManyRequests, by: 0)
    }

    package var route: String { "/orders" }

    package func guards(_ request: HTTPRequest) -> Bool {
        request.method == .post && request.path?.prefix { $0 != "?" } == route[...]
    }

    package func refusal(for client: ClientAddress) -> Refusal? {
        let now = clock.now
        switch control.withLock({ $0.ask(client, unfinished: unfinished, at: now) }) {
        case .granted: return nil
        case .exhausted:
            count(.serviceUnavailable)
            return OrderGate.overload
        case .unfair:
            count(.tooManyRequests)
            return OrderGate.flood
        }
    }

    package func left(_ status: HTTPResponse.Status?, after delay: Duration) {
        control.withLock { $0.left(after: status == .created ? delay : nil) }
    }

    /// The saga has decided an order.
    package func finished(after delay: Duration) {
        control.withLock { $0.finished(after: delay) }
    }

    package var condition: String? {
        let now = clock.now
        return control.withLock { $0.isRestricted(at: now) } ? "more orders come than can be done: some are refused" : nil
    }

    private func count(_ status: HTTPResponse.Status, by amount: Int64 = 1) {
        metrics.count(
            "saga_orders_refused_total", "Orders refused because more came than could be done, by status.",
            labels: ["status": "\(status.code)"], by: amount)
    }
}
