import struct Saga.ServiceName
import AdminAPI
import Console
import ArgumentParser

/// What is paused or resumed, and where.
struct PauseOptions: ParsableArguments {
    @Argument(help: .init("intake (new orders) or consumption (events of the others).", valueName: "what"))
    var what: PauseRequest.Subject

    @Option(help: .init("Only this service: order, inventory or payment.", valueName: "service"))
    var service: ServiceName?

    func validate() throws {
        guard what == .consumption || service == nil || service == .order else {
            throw ValidationError("orders are taken in by the order service alone: leave out --service")
        }
    }

    /// Wherever it can, and then says where it could not.
    func ask(_ suite: Suite, _ question: @escaping @Sendable (AdminClient) async throws(AdminError) -> Void) async throws {
        let services = what == .intake ? [.order] : service.map { [$0] } ?? ServiceName.allCases
        let errors = await suite.ask(services, question).compactMap(\.error)
        if !errors.isEmpty { throw Failure(errors: errors) }
    }
}
