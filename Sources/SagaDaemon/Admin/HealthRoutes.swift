import Hummingbird
import HTTPTypes
import Saga
import Wire
import HTTPServer

/// What a load balancer or a person asks first; on every address.
struct HealthRoutes: Sendable {
    let health: Health
    let openAPI: String
    let asyncAPI: String
    /// Looks for trouble that only shows when there is work.
    let probe: @Sendable () -> Void
    /// Since when the database has been away.
    let awaySince: @Sendable () -> ContinuousClock.Instant?
    /// A database that is away for a moment, as while another server takes over, is no reason to send clients elsewhere.
    private static let patience = Duration.seconds(2)

    func add(to router: ServiceRouter) {
        router.on(.get, "/livez") { _, _ in try Response.encoding(["status": "alive"]) }
        router.on(.get, "/readyz") { _, _ in
            probe()
            if let since = awaySince(), since.duration(to: .now) >= Self.patience {
                throw ProblemError.unavailable("the database is away")
            }
            let (state, reasons) = await health.current()
            switch state {
            case .ready, .degraded: return try Response.encoding(Readiness(status: state.rawValue, reasons: reasons))
            case .starting, .stopping: throw ProblemError.unavailable("the service is \(state.rawValue)")
            }
        }
        router.on(.get, "/openapi.json") { _, _ in Response.json(Array(openAPI.utf8)) }
        router.on(.get, "/asyncapi.json") { _, _ in Response.json(Array(asyncAPI.utf8)) }
    }

    private struct Readiness: Encodable {
        let status: String
        let reasons: [String]
    }
}
