import HTTPTypes
import Synchronization
package import Telemetry

/// Counts and measures what a listener answers, by route, method and status.
///
/// However many paths clients make up, there are no more series than the router has routes: what reaches none is `none`.
package final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Series {
        let requests: Counter
        let durations: Histogram
    }

    private let series = Mutex<[Key: Series]>([:])
    private let metrics: Metrics
    private let durations: HistogramFamily
    private let gate: (any RequestGate)?
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    /// - Parameter gate: answers in the place of its route.
    package init(_ metrics: Metrics, gate: (any RequestGate)? = nil) {
        self.metrics = metrics
        self.gate = gate
        durations = metrics.histogram(
            "saga_http_request_duration_seconds", "From a request to its answer, by route and class of status.")
    }

    package func note(_ answered: AnsweredRequest) {
        let method = answered.request?.method.rawValue ?? "none"
        let key = Key(
            route: answered.route ?? guardedRoute(answered.request) ?? "none",
            method: RequestMetrics.methods.contains(method) ? method : "other", status: answered.status.code)
        let series = series.withLock { known in
            if let series = known[key] { return series }
            let series = self.series(for: key)
            known[key] = series
            return series
        }
        series.requests.add()
        series.durations.observe(answered.duration)
    }

    private func guardedRoute(_ request: HTTPRequest?) -> String? {
        guard let gate, let request, gate.guards(request) else { return nil }
        return gate.route
    }

    private func series(for key: Key) -> Series {
        Series(
            requests: metrics.counter(
                "saga_http_requests_total", "Requests answered.",
                labels: ["route": key.route, "method": key.method, "status": "\(key.status)"]),
            durations: durations[["route": key.route, "method": key.method, "status": "\(key.status / 100)xx"]])
    }
}
