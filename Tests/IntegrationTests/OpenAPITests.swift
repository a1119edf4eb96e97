import Hummingbird
import InventoryService
import Logging
import OrderService
import PaymentService
import Saga
import SagaConfiguration
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Systemd
import Testing
import Telemetry

@testable import Transport
@testable import HTTPServer
@testable import SagaDaemon
import Posix
import Wire

@Suite struct OpenAPITests {
    @Test(arguments: ServiceName.allCases)
    func `the document is sound: its references lead somewhere, its examples are as its schemas say`(_ service: ServiceName) throws {
        #expect(try service.contract().problems == [])
    }

    @Test func `the documents describe exactly the routes there are`() throws {
        try expectAllRoutesDescribed(OrderService.self)
        try expectAllRoutesDescribed(InventoryService.self)
        try expectAllRoutesDescribed(PaymentService.self)
    }

    private func expectAllRoutesDescribed<Service: SagaService>(_: Service.Type) throws {
        let directory = try TestDirectory()
        let lifecycle = Lifecycle()
        let outbox = OutboxLog(followers: [])
        let database = try Database(
            engine: SQLiteEngine(directory: directory.path), schema: Service.schema, clock: { Timestamp(microseconds: 0) },
            initialize: { _ in }, prepareCommit: { _ in }, committed: { _ in }, failed: { _ in })
        defer { database.close() }
        let service = try Service(
            context: ServiceContext(
                configuration: .default, database: database, outbox: outbox,
                log: Log(sink: LogSink(identity: LogIdentity(identifier: "test", fieldPrefix: "TEST_")), threshold: LogThreshold(.error)),
                admission: Admission(outbox: outbox, backlogLimit: 1, disk: DiskSpace(directory: directory.path), pauses: Pauses()),
                clock: { Timestamp(microseconds: 0) }, metrics: Metrics()))
        let router = ServiceRouter(context: ServiceRequestContext.self)
        HealthRoutes(
            health: Health(lifecycle: lifecycle, outbox: outbox, backlogLimit: 1, transport: { nil }), openAPI: try Service.document(),
            asyncAPI: "",
            probe: {}, awaySince: { nil }
        ).add(to: router)
        service.addRoutes(to: router)

        // The router writes `:orderId` for what the document calls `{orderId}`.
        let routes = router.routes.map { route in
            let path = route.path.description.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            return "\(route.method.rawValue) /\(path.joined(separator: "/"))"
        }
        #expect(try Service.Reactions.service.contract().routes.sorted() == routes.sorted())
    }
}
