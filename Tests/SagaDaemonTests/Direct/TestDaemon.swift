import InventoryService
import OrderService
import PaymentService
import Foundation
import Logging
import NIOCore
import NIOPosix
import Saga
import Transport
import DirectTransport
import SagaStore
import Store
import SagaTestSupport
import ServiceLifecycle
import Synchronization
import Wire

extension TestDirectory {
    /// Copies a database that nobody has open.
    func copy(_ state: String, to backup: String) throws {
        try FileManager.default.copyItem(atPath: "\(path)/\(state)", toPath: "\(path)/\(backup)")
    }

    func socket(of service: ServiceName) -> String { "\(path)/\(service.rawValue).sock" }
}

/// One service with a real database, its outbox and the transport, and a consumer that notes what it gets.
final class TestDaemon: Sendable {
    let service: ServiceName
    let directory: TestDirectory
    let database: Database
    let log: OutboxLog
    let transport: DirectTransport
    let received = Observed<[IncomingRecord]>([])
    let events = Observed<[DirectEvent]>([])
    private let running = Mutex<(group: ServiceGroup, task: Task<Void, any Error>)?>(nil)

    /// - Parameters:
    ///   - state: names the database, for tests that replace one.
    ///   - beforeConsuming: runs before each batch is written.
    init(
        _ service: ServiceName, in directory: TestDirectory, state: String? = nil, patience: Int64 = 5000,
        beforeConsuming: @escaping @Sendable ([IncomingRecord]) async throws -> Void = { _ in }
    ) throws {
        self.service = service
        self.directory = directory
        let log = OutboxLog(followers: Choreography.subscribers(of: service).map(\.rawValue))
        self.log = log
        database = try Database(
            engine: SQLiteEngine(directory: "\(directory.path)/\(state ?? service.rawValue)"), schema: Schema(""), clock: { .present },
            initialize: { _ in }, prepareCommit: { try log.save(in: $0) }, committed: { log.appended($0.appended) }, failed: { _ in })
        try database.read { try log.restore(from: $0) }
        transport = TestDaemon.transport(
            service, directory, database, log, Consumer(database: database, received: received, before: beforeConsuming), events,
            patience: .milliseconds(patience))
    }

    /// A new run over the database of a former one.
    init(resuming former: TestDaemon) {
        service = former.service
        directory = former.directory
        database = former.database
        log = former.log
        transport = TestDaemon.transport(
            service, directory, database, log, Consumer(database: database, received: received, before: { _ in }), events)
    }

    private static func transport(
        _ service: ServiceName, _ directory: TestDirectory, _ database: Database, _ log: OutboxLog, _ consumer: Consumer,
        _ events: Observed<[DirectEvent]>, patience: TimeAmount = .seconds(5)
    ) -> DirectTransport {
        DirectTransport(
            service: service, socketPath: directory.socket(of:), database: database, log: log, consumer: consumer, topics: \.rawValue,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, patience: patience, report: { events.append($0) })
    }

    func start() async throws {
        try await transport.bind()
        let group = ServiceGroup(services: [transport], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        running.withLock { $0 = (group, Task { try await group.run() }) }
    }

    /// Stops as on SIGTERM.
    func stop() async throws {
        guard let (group, task) = running.withLock({ $0.take() }) else { return }
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Stops the transport in the middle of whatever it does.
    func kill() async {
        guard let (_, task) = running.withLock({ $0.take() }) else { return }
        task.cancel()
        _ = await task.result
    }

    /// What ended the transport by itself.
    func failure() async -> (any Error)? {
        guard let (_, task) = running.withLock({ $0 }) else { return nil }
        if case .failure(let error) = await task.result { return error }
        return nil
    }

    /// Tells `count` events, in one transaction.
    func tell(_ count: Int) async throws {
        try await database.writer.write { [service] transaction in
            for _ in 0..<count {
                let (order, event): (OrderID, EventID) = transaction.decide { ($0.newID(), $0.newID()) }
                let emission = Emission(.sample(from: service, order), id: event)
                try transaction.append(emission, causation: EventID(bits: order.bits), trace: TraceContext(order: order))
            }
        }
    }

    func offsets(from peer: ServiceName) -> [Int64] {
        received.state.filter { $0.topic == peer.topic.rawValue }.map(\.offset)
    }
}

private struct Consumer: EventConsumer {
    let database: Database
    let received: Observed<[IncomingRecord]>
    let before: @Sendable ([IncomingRecord]) async throws -> Void

    func consume(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) async throws -> Set<Int> {
        try await before(records)
        try await database.writer.write(isBounded: true) { transaction in
            if let position { try transaction.savePosition(position.1, in: position.source) }
        }
        received.append(contentsOf: records)
        return []
    }
}

extension SagaEvent {
    static func sample(from service: ServiceName, _ order: OrderID) -> SagaEvent {
        switch service {
        case .order: .orderCreated(OrderTerms(orderID: order, userID: 1, productID: 1, quantity: 1, amount: 1000))
        case .inventory: .inventoryReserved(StockClaim(orderID: order, productID: 1, quantity: 1))
        default: .paymentApproved(Charge(orderID: order, paymentID: PaymentID(bits: order.bits), userID: 1, amount: 1000))
        }
    }
}

extension Timestamp {
    static var present: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
