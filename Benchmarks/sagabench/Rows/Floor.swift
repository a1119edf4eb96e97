import InventoryService
import NIOCore
import OrderService
import PaymentService
import Saga
import Wire

/// How many orders a second the durable part alone allows on this machine, with so many orders to a commit.
///
/// A suite may be faster than the floor of a small batch: its batches grow with the load, and its three databases wait for the disk side by
/// side, where the loop waits for one after the other. The largest batch comes nearest to what the processor alone allows.
struct FloorResult: Codable, Sendable {
    /// Orders to a commit.
    var batch: Int
    var ordersPerSecond: Double
    var commitsPerOrder: Double
}

/// The rows of orders that are approved, written by a plain loop on one thread: three databases with the services' schemas, six
/// transactions to a batch — placed, reserved, charged, told of the one, told of the other and approved, sold — each with
/// `synchronous=FULL`. No HTTP, no events on their way, no concurrency.
struct Floor {
    private let order: RowDatabase
    private let inventory: RowDatabase
    private let payment: RowDatabase
    private let orderRows: RowStatements
    private let inventoryRows: RowStatements
    private let paymentRows: RowStatements
    private let orders: OrderStatements
    private let stock: InventoryStatements
    private let payments: PaymentStatements
    private let bodies = RowBodies()
    private var ids = RowOrder.generator()
    private var written: Int64 = 0
    private let logID: UInt128 = 1

    /// - Parameter directory: on the file system that is to be measured.
    private init(directory: String) throws {
        order = try RowDatabase(path: "\(directory)/order.db", schema: .order, durability: .full)
        inventory = try RowDatabase(path: "\(directory)/inventory.db", schema: .inventory, durability: .full)
        payment = try RowDatabase(path: "\(directory)/payment.db", schema: .payment, durability: .full)
        orderRows = try RowStatements(order)
        inventoryRows = try RowStatements(inventory)
        paymentRows = try RowStatements(payment)
        orders = try OrderStatements(order)
        stock = try InventoryStatements(inventory)
        payments = try PaymentStatements(payment)
    }

    /// Blocks for as long as `duration` says, once for each size of batch.
    static func measure(batches: [Int], for duration: Duration) throws -> [FloorResult] {
        try batches.map { batch in
            let directory = try SuiteDirectory()
            defer { directory.remove() }
            var floor = try Floor(directory: directory.path)
            let begin = ContinuousClock.now
            while ContinuousClock.now - begin < duration { try floor.write(batch) }
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            let commits = floor.order.commits + floor.inventory.commits + floor.payment.commits
            return FloorResult(
                batch: batch, ordersPerSecond: (Double(floor.written) / seconds).rounded(to: 0),
                commitsPerOrder: (Double(commits) / Double(floor.written)).rounded(to: 3))
        }
    }

    private mutating func write(_ count: Int) throws {
        let now = Timestamp.wallClock
        let batch = (0..<count).map { _ in RowOrder(&ids, at: now) }
        try order.transaction { try place(batch) }
        try inventory.transaction { try reserve(batch) }
        try payment.transaction { try charge(batch) }
        try order.transaction { try learnOfStock(batch) }
        try order.transaction { try learnOfPayment(batch) }
        try inventory.transaction { try sell(batch) }
        written += Int64(count)
    }

    private func place(_ batch: [RowOrder]) throws {
        for saga in batch {
            try orders.insert(saga.order, status: 0, fact: 0, at: saga.time)
            try orderRows.tell(
                saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time, bodies.created, status: "PENDING")
        }
        try orderRows.addToTotal.bind(1, "orders.PENDING").bind(2, Int64(batch.count)).run()
    }

    private func reserve(_ batch: [RowOrder]) throws {
        var taken = written
        for saga in batch {
            taken += 1
            try inventoryRows.receive(saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time, to: "RESERVED")
            try stock.selectReservation.bind(1, saga.order).run()
            try stock.selectStock.bind(1, Int64(1)).run()
            try stock.save(saga.order, "RESERVED", answer: saga.reserved, at: saga.time)
            try stock.saveStock(available: OwnSuite.stock - taken, reserved: taken - written, sold: written)
            try inventoryRows.tell(
                saga.reserved, of: saga.order, "INVENTORY_RESERVED", causedBy: saga.created, at: saga.time, bodies.reserved)
        }
        try advance(inventoryRows, source: "order", reader: "order")
    }

    private func charge(_ batch: [RowOrder]) throws {
        for saga in batch {
            try paymentRows.receive(saga.created, of: saga.order, "ORDER_CREATED", causedBy: nil, at: saga.time, to: "APPROVED")
            try payments.select.bind(1, saga.order).run()
            try payments.save(saga.order, "APPROVED", answer: saga.paid, payment: saga.payment, at: saga.time)
            try paymentRows.tell(saga.paid, of: saga.order, "PAYMENT_APPROVED", causedBy: saga.created, at: saga.time, bodies.paid)
        }
        try advance(paymentRows, source: "order", reader: "order")
    }

    private func learnOfStock(_ batch: [RowOrder]) throws {
        for saga in batch {
            try orderRows.receive(saga.reserved, of: saga.order, "INVENTORY_RESERVED", causedBy: saga.created, at: saga.time)
            try orders.select.bind(1, saga.order).run()
            try orders.updateFacts.bind(1, Int64(1)).bind(2, Int64(0)).bind(3, saga.order).run()
        }
        try advance(orderRows, source: "inventory", reader: "inventory")
    }

    private func learnOfPayment(_ batch: [RowOrder]) throws {
        for saga in batch {
            try orderRows.receive(
                saga.paid, of: saga.order, "PAYMENT_APPROVED", causedBy: saga.created, at: saga.time, from: "PENDING", to: "APPROVED")
            try orders.select.bind(1, saga.order).run()
            try orders.updateStatus.bind(1, Int64(1)).bind(2, Int64(1)).bind(3, Int64(1)).bind(4, saga.time).bind(5, saga.order).run()
            try orderRows.tell(saga.approved, of: saga.order, "ORDER_APPROVED", causedBy: saga.paid, at: saga.time, bodies.approved)
        }
        try orderRows.addToTotal.bind(1, "orders.PENDING").bind(2, Int64(-batch.count)).run()
        try orderRows.addToTotal.bind(1, "orders.APPROVED").bind(2, Int64(batch.count)).run()
        try advance(orderRows, source: "payment", reader: "payment")
    }

    private func sell(_ batch: [RowOrder]) throws {
        var sold = written
        for saga in batch {
            sold += 1
            try inventoryRows.receive(
                saga.approved, of: saga.order, "ORDER_APPROVED", causedBy: saga.paid, at: saga.time, from: "RESERVED", to: "COMMITTED")
            try stock.selectReservation.bind(1, saga.order).run()
            try stock.selectStock.bind(1, Int64(1)).run()
            try stock.save(saga.order, "COMMITTED", answer: saga.reserved, at: saga.time)
            try stock.saveStock(available: OwnSuite.stock - sold, reserved: 0, sold: sold)
        }
        try advance(inventoryRows, source: "order", reader: "order")
    }

    /// How far the other's outbox was read, and how far its reader has come: once a transaction.
    private func advance(_ rows: RowStatements, source: StaticString, reader: StaticString) throws {
        try rows.savePosition.bind(1, source).bind(2, logID).bind(3, written).run()
        try rows.saveFollower.bind(1, reader).bind(2, written).run()
    }
}
