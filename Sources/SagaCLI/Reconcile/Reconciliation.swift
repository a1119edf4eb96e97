import Console
import InventoryView
import OrderView
import PaymentView
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import SagaConfiguration
import Wire

/// Compares what the three daemons say about orders, money and stock.
///
/// The listings are read side by side, newest order first, so memory stays bounded by what is off. The daemons go on working
/// meanwhile: the listings are from different moments and a saga may be half way. So a mismatch is only a suspicion; it becomes a
/// problem when the three daemons, asked for that one order again, still disagree and the order has had `grace` to come to rest. A dead
/// letter that holds up an order is one at once: nothing comes of that by itself.
struct Reconciliation: Sendable {
    let suite: Suite
    var grace: Duration = .seconds(10)
    var pageSize = 500
    /// Counts the orders that were looked at.
    var compared = Progress.Counter()

    func run() async throws -> ReconciliationReport {
        var report = ReconciliationReport()
        var ledger = Ledger()
        let before = try await suite.inventory.stock()
        let deadline = try? DurationText.read(await suite.order.configuration().order.deadline)
        let suspects = try await suspects(&ledger, deadline)
        report.orders = ledger.orders
        report.problems = try await explained(try confirm(suspects, deadline))
        try await compareCharges(&report)
        try await compareStock(before, ledger, &report)
        return report
    }
}

// MARK: Orders

extension Reconciliation {
    /// A merge join of the three listings, all in descending order of order id.
    private func suspects(_ ledger: inout Ledger, _ deadline: Duration?) async throws(AdminError) -> [String] {
        var orders = orderReader()
        var payments = paymentReader()
        var reservations = reservationReader()
        var suspects: [String] = []
        while true {
            let heads = [try await orders.peek()?.orderId, try await payments.peek()?.orderId, try await reservations.peek()?.orderId]
            guard let orderId = heads.compactMap(\.self).max() else { return suspects }
            let order = heads[0] == orderId ? try await orders.next() : nil
            let payment = heads[1] == orderId ? try await payments.next() : nil
            let reservation = heads[2] == orderId ? try await reservations.next() : nil
            ledger.count(order, reservation)
            compared.add(1)
            if !problems(orderId, order, payment, reservation, deadline).isEmpty { suspects.append(orderId) }
        }
    }

    /// Asks for each suspect again, and once more when `grace` has passed for those that may still come to rest.
    private func confirm(
        _ suspects: [String], _ deadline: Duration?
    ) async throws(AdminError) -> [ReconciliationReport.Problem] {
        var problems: [ReconciliationReport.Problem] = []
        var open = suspects.map { (orderId: $0, status: Order.Status?.none, until: ContinuousClock.now) }[...]
        var hasWaited: Set<String> = []
        while let (orderId, status, until) = open.popFirst() {
            // Only a cancellation ends the sleep early; asking at once is then as good.
            try? await Task.sleep(until: until, clock: .continuous)
            let (order, found) = try await examine(orderId, deadline)
            guard !found.isEmpty else { continue }
            // What is purged in these moments is gone everywhere before long, and what is known nowhere else may have been.
            if order == nil, !hasWaited.contains(orderId) {
                hasWaited.insert(orderId)
                open.append((orderId, nil, .now + min(grace, Self.purgeGrace)))
                continue
            }
            // One that was decided while it was waited for has only begun to come to rest.
            if let order, order.status != status, case let rest = rest(of: order), rest > .zero {
                open.append((orderId, order.status, .now + rest))
            } else {
                problems.append(.order(orderId, found))
            }
        }
        return problems.sorted { ($0.orderId ?? "") > ($1.orderId ?? "") }
    }

    /// How long an order that is not known may take to be forgotten by the others, too.
    private static let purgeGrace = Duration.seconds(1)

    /// How long the order may still take to come to rest.
    private func rest(of order: Order) -> Duration {
        // When the last answer to an undecided order came is not known: it may have been just now.
        guard order.status.isFinal, let age = Self.age(since: order.updatedAt) else { return grace }
        return grace - max(age, .zero)
    }

    /// An order whose events wait behind a dead letter needs that retried before anything else, also where nothing else is off yet.
    private func explained(_ problems: [ReconciliationReport.Problem]) async throws -> [ReconciliationReport.Problem] {
        var holds: [String: (text: String, letters: String)] = [:]
        for service in ServiceName.allCases {
            try await suite[service].eachPageOfDeadLetters(.init(kind: .handlerFailed)) { letters in
                for letter in letters where letter.kind == .handlerFailed {
                    guard let order = letter.orderId else { continue }
                    let hold = "\(service) holds up its events since \(letter.createdAt)"
                    holds[order] = holds[order].map { ("\($0.text); \(hold)", "\($0.letters) \(letter.id)") } ?? (hold, letter.id)
                }
            }
        }
        let explained = problems.map { problem in
            guard let orderId = problem.orderId, let hold = holds[orderId] else { return problem }
            return .order(
                orderId, [Finding(problem.kind, "\(problem.problem); but \(hold.text)")],
                repair: "sagactl dead-letters retry \(hold.letters)")
        }
        for problem in problems { problem.orderId.map { holds[$0] = nil } }
        return explained
            + holds.sorted { $0.key > $1.key }.map {
                .order($0.key, [Finding(.undecided, $0.value.text)], repair: "sagactl dead-letters retry \($0.value.letters)")
            }
    }

    /// How long a gateway may take without being a problem.
    private static let longestSettlement = Duration.seconds(60)

    func examine(
        _ orderId: String, _ deadline: Duration?
    ) async throws(AdminError) -> (order: Order?, problems: [Finding]) {
        let books = try await books(of: orderId)
        let found = problems(orderId, books.order, books.payment, books.reservation, deadline)
        guard !found.isEmpty, let purge = try await purge(of: orderId, books) else { return (books.order, found) }
        switch purge {
        case .isUnderWay: return (books.order, [])
        case .isHalf(let text): return (books.order, [Finding(found[0].kind, text)])
        }
    }

    /// An order that was purged somewhere, but not everywhere.
    private enum Purge {
        /// The event that says so is still on its way.
        case isUnderWay
        case isHalf(String)
    }

    private func purge(of orderId: String, _ books: OrderBooks) async throws(AdminError) -> Purge? {
        let holders = books.holders
        let purged = try await purgedBy(orderId)
        guard !purged.isEmpty else { return nil }
        if books.order == nil, try await !areDrained(holders) { return .isUnderWay }
        return .isHalf(
            "purged at \(purged.map(\.rawValue).joined(separator: " and ")), but \(holders.map(\.rawValue).joined(separator: " and ")) "
                + "still has it: was a database restored from a backup?")
    }

    /// The services at which the order was purged.
    func purgedBy(_ orderId: String) async throws(AdminError) -> [ServiceName] {
        var services: [ServiceName] = []
        for service in ServiceName.allCases where try await suite[service].hasPurged(orderId) { services.append(service) }
        return services
    }

    /// Whether everything that the order service has published is with these services, and applied.
    private func areDrained(_ services: [ServiceName]) async throws(AdminError) -> Bool {
        guard try await suite.order.status().outbox?.pending == 0 else { return false }
        for service in services where try await suite[service].status().lag != 0 { return false }
        return true
    }

    func books(of orderId: String) async throws(AdminError) -> OrderBooks {
        // Effects before causes: what is committed or refunded meanwhile then never looks ahead of its order.
        let payment = try await known { () throws(AdminError) in try await suite.payment.payment(orderId) }
        let reservation = try await known { () throws(AdminError) in try await suite.inventory.reservation(orderId) }
        let order = try await known { () throws(AdminError) in try await suite.order.order(orderId) }
        return OrderBooks(order: order, payment: payment, reservation: reservation)
    }

    private func problems(
        _ orderId: String, _ order: Order?, _ payment: Payment?, _ reservation: Reservation?, _ deadline: Duration?
    ) -> [Finding] {
        let isOverdue = if let deadline, let age = order.flatMap({ Self.age(since: $0.createdAt) }) { age > deadline } else { false }
        let isUnsettled =
            if let payment, [.pending, .refunding].contains(payment.status), let age = payment.updatedAt.flatMap(Self.age) {
                age > Self.longestSettlement
            } else { false }
        return Verdict.problems(
            orderId: orderId, order: order, isOverdue: isOverdue, payment: payment, isUnsettled: isUnsettled, reservation: reservation)
    }

    private static func age(since time: String) -> Duration? {
        RFC3339.parse(time).map { .microseconds(Timestamp.now.microseconds - $0) }
    }

    func known<Value>(_ question: () async throws(AdminError) -> Value) async throws(AdminError) -> Value? {
        do throws(AdminError) {
            return try await question()
        } catch {
            guard error.problemStatus == 404 else { throw error }
            return nil
        }
    }
}

// MARK: Stock

extension Reconciliation {
    private static let attempts = 4

    /// Compares each product's reserved and sold with the sums over its reservations.
    ///
    /// Only a product that was the same before and after the reservations were read can be compared, and one that mismatches must
    /// do so twice, alike. What never holds still is unsettled, not wrong.
    private func compareStock(
        _ products: [Product], _ ledger: Ledger, _ report: inout ReconciliationReport
    ) async throws(AdminError) {
        var (before, ledger) = (Set(products), ledger)
        var suspects: Set<Product> = []
        for attempt in 1...Self.attempts {
            let after = try await suite.inventory.stock()
            let wrong = after.filter { before.contains($0) && !ledger.agrees($0) }
            let confirmed = wrong.filter(suspects.contains)
            let unsettled = after.filter { !before.contains($0) } + wrong.filter { !suspects.contains($0) }
            if unsettled.isEmpty || attempt == Self.attempts {
                report.problems += confirmed.map { .product($0.productId, ledger.problem($0)) }
                report.unsettled = unsettled.map(\.productId)
                return
            }
            (before, suspects) = (Set(after), Set(wrong))
            ledger = try await reservationSums()
        }
    }

    private func reservationSums() async throws(AdminError) -> Ledger {
        var ledger = Ledger()
        var reservations = reservationReader()
        while let reservation = try await reservations.next() { ledger.count(nil, reservation) }
        return ledger
    }
}

// MARK: Listings

extension Reconciliation {
    private func orderReader() -> PageReader<Order> {
        let (client, pageSize) = (suite.order, pageSize)
        return PageReader { cursor throws(AdminError) in
            let page = try await client.orders(limit: pageSize, cursor: cursor)
            return (page.orders, page.nextCursor)
        }
    }

    private func paymentReader() -> PageReader<Payment> {
        let (client, pageSize) = (suite.payment, pageSize)
        return PageReader { cursor throws(AdminError) in
            let page = try await client.payments(limit: pageSize, cursor: cursor)
            return (page.payments, page.nextCursor)
        }
    }

    private func reservationReader() -> PageReader<Reservation> {
        let (client, pageSize) = (suite.inventory, pageSize)
        return PageReader { cursor throws(AdminError) in
            let page = try await client.reservations(limit: pageSize, cursor: cursor)
            return (page.reservations, page.nextCursor)
        }
    }
}
