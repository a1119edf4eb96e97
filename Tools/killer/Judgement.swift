import AdminAPI
import struct Saga.ServiceName

/// Holds the evidence against the invariants. Knows nothing of where it comes from.
struct Judgement {
    private let evidence: Evidence
    private let wishes: [String: Wish]
    /// By order.
    private let promised: [String: [History.Promise]]
    private let orders: [String: Order]
    private(set) var violations: [Violation] = []

    /// - Parameter evidence: collected at rest.
    init(_ evidence: Evidence) {
        self.evidence = evidence
        wishes = Dictionary(evidence.history.wishes.map { ($0.key, $0) }) { first, _ in first }
        promised = Dictionary(grouping: evidence.history.promises, by: \.order)
        orders = Dictionary(evidence.orders.map { ($0.orderId, $0) }) { first, _ in first }
        judgeHistory()
        judgeOrders()
        judgeFinality()
        judgeStock()
        judgeReservations()
        judgeMoney()
        judgeDaemons()
    }

    private mutating func note(_ invariant: Invariant, _ text: String) {
        violations.append(Violation(invariant: invariant, text: text))
    }

    private var approved: [Order] { evidence.orders.filter { $0.status == .approved } }

    // MARK: Promises

    private mutating func judgeHistory() {
        for oddity in evidence.history.oddities { note(.answers, oddity) }
        let byKey = Dictionary(grouping: evidence.history.promises, by: \.key)
        for wish in evidence.history.wishes where byKey[wish.key] == nil { note(.answers, "\(wish.key) was never answered") }
        for (key, promises) in byKey.sorted(by: { $0.key < $1.key }) where Set(promises.map(\.answer)).count > 1 {
            note(.keys, "\(key) was answered differently: \(Set(promises.map { String(decoding: $0.answer, as: UTF8.self) }).sorted())")
        }
        for (order, promises) in promised where Set(promises.map(\.key)).count > 1 {
            note(.keys, "\(order) was promised under several keys: \(Set(promises.map(\.key)).sorted())")
        }
    }

    private mutating func judgeOrders() {
        for (id, promises) in promised {
            guard let order = orders[id] else {
                note(.promises, "\(id) was promised under \(promises[0].key) and is not there")
                continue
            }
            if order.status == .pending { note(.promises, "\(id) is still PENDING, since \(order.createdAt)") }
            guard let wish = wishes[promises[0].key] else { continue }
            if order.request != wish.request { note(.promises, "\(id) is another order than was asked for: \(order)") }
            if order.status.isFinal, !wish.allows(order) {
                note(.ends, "\(id) ended \(order.status.rawValue) \(order.reason ?? ""), which \(wish) does not allow")
            }
        }
        for order in evidence.orders where promised[order.orderId] == nil { note(.strangers, "\(order.orderId) was promised to nobody") }
        if orders.count != evidence.orders.count { note(.strangers, "the listing repeats orders") }
    }

    /// A question asked after an answer had arrived never goes back behind that answer; where two overlap either may be the first.
    private mutating func judgeFinality() {
        for (id, sightings) in Dictionary(grouping: evidence.history.sightings, by: \.order) {
            for sighting in sightings where sighting.seen == .missing {
                note(.finality, "\(id) was promised and then not there")
            }
            let ends = sightings.filter(\.seen.isFinal)
            // A cancellation that came too late is answered without a reason.
            var seen = Set(ends.map { "\($0.seen)" })
            if let order = orders[id] { seen.insert("\(History.Sighting.Seen.final(status: order.status.rawValue, reason: order.reason))") }
            if !ends.isEmpty, seen.count > 1 { note(.finality, "\(id) ended in several ways: \(seen.sorted())") }
            if let first = ends.map(\.answered).min() {
                for sighting in sightings where sighting.seen == .pending && sighting.asked > first {
                    note(.finality, "\(id) had ended and was PENDING again")
                }
            }
        }
    }

    // MARK: Stock and money

    private mutating func judgeStock() {
        for (id, initial) in Wish.initialStock {
            guard let product = evidence.products.first(where: { $0.productId == id }) else {
                note(.stock, "there is no product \(id)")
                continue
            }
            let sum = product.available + product.reserved + product.sold
            if sum != initial { note(.stock, "of product \(id) there were \(initial) and are \(sum)") }
            if product.reserved != 0 { note(.stock, "of product \(id) \(product.reserved) are still reserved") }
            let sold = approved.filter { $0.productId == id }.reduce(0) { $0 + $1.quantity }
            if product.sold != sold { note(.stock, "of product \(id) \(product.sold) were sold, and \(sold) ordered and approved") }
        }
        for product in evidence.products where Wish.initialStock[product.productId] == nil {
            note(.stock, "product \(product.productId) came from nowhere")
        }
    }

    private mutating func judgeReservations() {
        var committed: Set<String> = []
        for reservation in evidence.reservations {
            let order = orders[reservation.orderId]
            switch (reservation.status, order?.status) {
            case (.committed, .approved):
                let isNew = committed.insert(reservation.orderId).inserted
                if !isNew || reservation.productId != order?.productId || reservation.quantity != order?.quantity {
                    note(.reservations, "\(reservation) does not fit \(String(describing: order))")
                }
            case (.released, .canceled), (.rejected, .canceled), (.void, .canceled): break
            default:
                let status = order?.status.rawValue ?? "unknown"
                note(.reservations, "of \(reservation.orderId), \(status), it is \(reservation.status.rawValue)")
            }
        }
        for order in approved where !committed.contains(order.orderId) {
            note(.reservations, "\(order.orderId) is APPROVED and nothing committed")
        }
    }

    private mutating func judgeMoney() {
        var charged: Set<String> = []
        for payment in evidence.payments {
            let order = orders[payment.orderId]
            switch (payment.status, order?.status) {
            case (.approved, .approved):
                let isNew = charged.insert(payment.orderId).inserted
                if !isNew || payment.amount != order?.amount || payment.userId != order?.userId {
                    note(.money, "\(payment) does not fit \(String(describing: order))")
                }
            case (.failed, .canceled), (.refunded, .canceled), (.void, .canceled): break
            default: note(.money, "of \(payment.orderId), \(order?.status.rawValue ?? "unknown"), it is \(payment.status.rawValue)")
            }
        }
        for order in approved where !charged.contains(order.orderId) { note(.money, "\(order.orderId) is APPROVED and not paid") }
    }

    // MARK: Daemons

    private mutating func judgeDaemons() {
        for service in ServiceName.allCases {
            guard let daemon = evidence.daemons.first(where: { $0.service == service }) else {
                note(.rest, "\(service) says nothing")
                continue
            }
            if daemon.state != .ready { note(.rest, "\(service) is \(daemon.state.rawValue): \(daemon.reasons ?? [])") }
            if daemon.outbox?.pending != 0 { note(.rest, "\(service) has not told \(daemon.outbox?.pending ?? -1) events") }
            if daemon.lag != 0 { note(.rest, "\(service) has not heard \(daemon.lag ?? -1) events") }
            if daemon.deadLetters != 0 { note(.rest, "\(service) has \(daemon.deadLetters ?? -1) dead letters") }
        }
        if let reconciliation = evidence.reconciliation { note(.reconciliation, reconciliation) }
        for oddity in evidence.fleet { note(.processes, oddity) }
    }
}

extension Order {
    fileprivate var request: OrderRequest { OrderRequest(userId: userId ?? 0, productId: productId, quantity: quantity, amount: amount) }
}
