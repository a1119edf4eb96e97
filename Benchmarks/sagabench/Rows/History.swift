import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Wire

/// Orders of the past: rows of approved orders written into the databases of a suite that has been started once and is stopped.
///
/// Spread evenly over the last `retention` of the default configuration, so that a suite that is then started deletes expired events at the
/// pace they came in. Written without synchronisation and in large transactions, the three databases side by side.
struct History {
    let orders: Int
    let directory: SuiteDirectory

    private static let span: Int64 = 7 * 86_400 * 1_000_000
    private static let batch = 20_000

    func write() async throws {
        let begin = ContinuousClock.now
        let logs = try ServiceName.allCases.reduce(into: [:]) { logs, service in
            logs[service] = try RowDatabase(path: directory.database(of: service), schema: service.schema, durability: .none).logID()
        }
        let end = Timestamp.wallClock
        try await withThrowingTaskGroup { group in
            for service in ServiceName.allCases {
                group.addTask { try await BlockingWork.run { try write(service, logs, until: end) } }
            }
            try await group.waitForAll()
        }
        Progress.say("\(orders) orders of the past written in \(((ContinuousClock.now - begin) / .seconds(1)).text(1)) s")
    }

    private func write(_ service: ServiceName, _ logs: [ServiceName: UInt128], until end: Timestamp) throws {
        let database = try RowDatabase(path: directory.database(of: service), schema: service.schema, durability: .none)
        let rows = try RowStatements(database)
        let writeOne = try writer(for: service, database, rows)
        var ids = RowOrder.generator()
        for first in stride(from: 0, to: orders, by: History.batch) {
            try database.transaction {
                for index in first..<min(first + History.batch, orders) {
                    let age = History.span - History.span / Int64(orders) * Int64(index)
                    try writeOne(RowOrder(&ids, at: Timestamp(microseconds: end.microseconds - age)))
                }
            }
        }
        try database.transaction {
            for (peer, name) in History.names where peer != service {
                // Everything was told and heard.
                try rows.savePosition.bind(1, name).bind(2, logs[peer]).bind(3, Int64(orders) * peer.eventsPerOrder).run()
                try rows.saveFollower.bind(1, name).bind(2, Int64(orders) * service.eventsPerOrder).run()
            }
            switch service {
            case .order: try rows.addToTotal.bind(1, "orders.APPROVED").bind(2, Int64(orders)).run()
            case .inventory:
                try InventoryStatements(database)
                    .saveStock(available: OwnSuite.stock - Int64(orders), reserved: 0, sold: Int64(orders))
            default: break
            }
        }
        // The id that was bound is no event's: the reader would take the log for another one and read all of it again.
        try database.execute("UPDATE position SET event_id = NULL")
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    private static let names: [(ServiceName, StaticString)] = [(.order, "order"), (.inventory, "inventory"), (.payment, "payment")]

    private func writer(
        for service: ServiceName, _ database: RowDatabase, _ rows: RowStatements
    ) throws -> (RowOrder) throws -> Void {
        let bodies = RowBodies()
        switch service {
        case .order:
            let orders = try OrderStatements(database)
            return { saga in
                try orders.insert(saga.order, status: 1, fact: 1, at: saga.time)
                try rows.tell(
                    saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time, bodies.created, status: "PENDING")
                try rows.receive(saga.reserved, of: saga.order, "INVENTORY_RESERVED", causedBy: saga.created, at: saga.time)
                try rows.receive(saga.paid, of: saga.order, "PAYMENT_APPROVED", causedBy: saga.created, at: saga.time)
                try rows.tell(saga.approved, of: saga.order, "ORDER_APPROVED", causedBy: saga.paid, at: saga.time, bodies.approved)
            }
        case .inventory:
            let stock = try InventoryStatements(database)
            return { saga in
                try rows.receive(saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time)
                try stock.save(saga.order, "COMMITTED", answer: saga.reserved, at: saga.time)
                try rows.tell(
                    saga.reserved, of: saga.order, "INVENTORY_RESERVED", causedBy: saga.created, at: saga.time, bodies.reserved)
                try rows.receive(saga.approved, of: saga.order, "ORDER_APPROVED", causedBy: saga.paid, at: saga.time)
            }
        default:
            let payments = try PaymentStatements(database)
            return { saga in
                try rows.receive(saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time)
                try payments.save(saga.order, "APPROVED", answer: saga.paid, payment: saga.payment, at: saga.time)
                try rows.tell(saga.paid, of: saga.order, "PAYMENT_APPROVED", causedBy: saga.created, at: saga.time, bodies.paid)
            }
        }
    }
}

extension ServiceName {
    fileprivate var schema: Schema {
        switch self {
        case .order: .order
        case .inventory: .inventory
        default: .payment
        }
    }

    /// Of an order that is approved.
    fileprivate var eventsPerOrder: Int64 {
        self == .order ? 2 : 1
    }
}
