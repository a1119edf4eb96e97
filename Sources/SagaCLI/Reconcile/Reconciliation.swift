import enum Saga.DeadLetterKind
import enum Saga.ServiceName
import AdminAPI

/// Compares what the three daemons say about orders, money and stock.
///
/// The listings are read side by side, newest order first, so memory stays bounded by what is off. The daemons go on working
/// meanwhile: the listings are from different moments and a saga may be half way. So a mismatch is only a suspicion; it becomes a
/// problem when the three daemons, asked for that one order again, still disagree and the order has had `grace` to come to rest.
struct Reconciliation: Sendable {
    let suite: Suite
    var grace: Duration = .seconds(10)
    var pageSize = 500

    func run() async throws(AdminError) -> ReconciliationReport {
        var report = ReconciliationReport()
        var ledger = Ledger()
        let before = try await suite.inventory.products()
        let suspects = try await suspects(&ledger)
        report.orders = ledger.orders
        report.problems = await explained(try confirm(suspects))
        try await compareStock(before, ledger, &report)
        return report
    }
}

// MARK: Orders

extension Reconciliation {
    /// A merge join of the three listings, all in descending order of order id.
    private func suspects(_ ledger: inout Ledger) async throws(AdminError) -> [String] {
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
            if !Verdict.problems(orderId: orderId, order: order, payment: payment, reservation: reservation).isEmpty {
                suspects.append(orderId)
            }
        }
    }

    /// Asks for each suspect again; those whose order changed within `grace` once more when that has passed.
    private func confirm(_ suspects: [String]) async throws(AdminError) -> [ReconciliationReport.Problem] {
        var problems: [ReconciliationReport.Problem] = []
        var young: [(orderId: String, until: ContinuousClock.Instant)] = []
        for orderId in suspects {
            let (order, found) = try await examine(orderId)
            guard !found.isEmpty else { continue }
            let age = order.flatMap { RFC3339.parse($0.updatedAt) }.map { Duration.microseconds(WallClock.now() - $0) }
            if let age, age < grace {
                young.append((orderId, .now + (grace - max(age, .zero))))
            } else {
                problems += found.map { .order(orderId, $0) }
            }
        }
        for (orderId, until) in young {
            // Only a cancellation ends the sleep early; asking at once is then as good.
            try? await Task.sleep(until: until, clock: .continuous)
            problems += try await examine(orderId).problems.map { .order(orderId, $0) }
        }
        return problems
    }

    /// An order whose events wait behind a dead letter needs that retried, nothing else.
    private func explained(_ problems: [ReconciliationReport.Problem]) async -> [ReconciliationReport.Problem] {
        guard !problems.isEmpty else { return [] }
        var holds: [String: String] = [:]
        // What is off is known; who cannot say why is not needed.
        let answers = await suite.ask { client throws(AdminError) in try await client.deadLetters() }
        for letter in answers.flatMap({ $0.value ?? [] }) where letter.kind == .handlerFailed {
            guard let order = letter.orderId else { continue }
            holds[order] = "\(letter.service.rawValue) holds up its events: first sagactl dead-letters retry \(letter.id)"
        }
        return problems.map { problem in
            guard let orderId = problem.orderId, let hold = holds[orderId] else { return problem }
            return .order(orderId, "\(problem.problem); but \(hold)")
        }
    }

    private func examine(_ orderId: String) async throws(AdminError) -> (order: Order?, problems: [String]) {
        // Effects before causes: what is committed or refunded meanwhile then never looks ahead of its order.
        let payment = try await known { () throws(AdminError) in try await suite.payment.payment(orderId) }
        let reservation = try await known { () throws(AdminError) in try await suite.inventory.reservation(orderId) }
        let order = try await known { () throws(AdminError) in try await suite.order.order(orderId) }
        return (order, Verdict.problems(orderId: orderId, order: order, payment: payment, reservation: reservation))
    }

    private func known<Value>(_ question: () async throws(AdminError) -> Value) async throws(AdminError) -> Value? {
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
            let after = try await suite.inventory.products()
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
