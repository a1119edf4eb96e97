import Transport
import HTTPServer
import AdminAPI
import HTTPTypes
import Hummingbird
import Logging
import SagaStore
import Store
import Systemd
import Wire

/// Stopping a part of the work for a while, and letting it go on. Both may be asked for twice.
struct PauseRoutes<Service: SagaService>: Sendable {
    let pauses: Pauses
    let context: ServiceContext

    func add(to router: ServiceRouter) {
        router.on(.pause) { request, _ in try await set(request, isOn: true) }
        router.on(.resume) { request, _ in try await set(request, isOn: false) }
    }

    private func set(_ request: Request, isOn: Bool) async throws -> Response {
        let pause = try await request.jsonObject { object throws(JSONError) in
            let pause = try object.value("what", of: Pause.self)
            try object.requireOnly("what")
            return pause
        }
        guard pause != .intake || Service.takesOrders else {
            throw ProblemError(.unprocessableContent, "the \(Service.Reactions.service) service takes in no orders")
        }
        try await context.database.writer.write { [pauses] in try pauses.set(pause, isOn: isOn, in: $0) }
        context.log.record(.notice, "\(pause.rawValue) \(isOn ? "paused" : "resumed")", messageID: MessageID.paused)
        return Response(status: .noContent)
    }
}
