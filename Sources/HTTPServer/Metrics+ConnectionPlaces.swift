package import Telemetry

extension Metrics {
    /// The places of a listener, whose answers and refusals are counted.
    package func places(
        _ listener: String, limit: Int, requests: RequestMetrics, shortage: @escaping @Sendable (String) -> Void
    ) -> ConnectionPlaces {
        let count: @Sendable (ConnectionPlaces.Refusal, Int64) -> Void = { [self] reason, amount in
            self.count(
                "saga_http_refused_total", "Connections that were refused or closed for a limit, by its reason.",
                labels: ["listener": listener, "reason": reason.rawValue], by: amount)
        }
        for reason in ConnectionPlaces.Refusal.allCases { count(reason, 0) }
        return ConnectionPlaces(listener, limit: limit, answered: requests.note, refused: { count($0, 1) }, shortage: shortage)
    }
}
