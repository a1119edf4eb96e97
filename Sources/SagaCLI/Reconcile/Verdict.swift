import Console
import AdminAPI

/// What is wrong with one order's stock and money, judged from what the three daemons say at rest.
///
/// - APPROVED: the payment is APPROVED and the reservation COMMITTED, over the same amount, product and quantity.
/// - CANCELED: no payment is APPROVED, no stock is RESERVED or COMMITTED.
/// - PENDING: it is not overdue, and an answer that decides it is still missing.
/// - unknown: nobody holds money or stock for it.
enum Verdict {
    /// - Parameter isOverdue: whether the order is older than an undecided one may become.
    static func problems(orderId: String, order: Order?, isOverdue: Bool, payment: Payment?, reservation: Reservation?) -> [String] {
        guard let order else { return unknown(payment, reservation) }
        switch order.status {
        case .pending: return pending(order, isOverdue, payment, reservation)
        case .approved: return approved(order, payment, reservation)
        case .canceled: return canceled(order, payment, reservation)
        }
    }

    /// Both answers decide it, and so does each that is not the good one.
    private static func pending(_ order: Order, _ isOverdue: Bool, _ payment: Payment?, _ reservation: Reservation?) -> [String] {
        let isGood = (payment?.status ?? .approved) == .approved && (reservation?.status ?? .reserved) == .reserved
        let since = "PENDING since \(order.createdAt)\(isOverdue ? ", past its deadline" : "")"
        if !isGood || payment != nil && reservation != nil {
            let answers = [
                payment.map { "its payment is \($0.status.rawValue)" }, reservation.map { "its reservation is \($0.status.rawValue)" },
            ]
            return ["\(since), though \(answers.compactMap(\.self).joined(separator: " and ")): \(again(order))"]
        }
        return isOverdue ? ["\(since): the log of saga-order says why (journalctl SAGA_ORDER_ID=\(order.orderId))"] : []
    }

    private static func approved(_ order: Order, _ payment: Payment?, _ reservation: Reservation?) -> [String] {
        var problems: [String] = []
        if let payment, payment.status == .approved {
            if payment.amount != order.amount {
                problems.append("the order's amount is \(order.amount), but \(payment.amount ?? 0) was charged: \(look(order))")
            }
            if payment.userId != order.userId {
                problems.append("the order is of user \(order.userId), but user \(payment.userId ?? 0) was charged: \(look(order))")
            }
        } else {
            let money = payment.map { "its payment is \($0.status.rawValue)" } ?? "it has no payment"
            problems.append("APPROVED since \(order.updatedAt), but \(money): \(look(order))")
        }
        switch reservation?.status {
        case .committed:
            if reservation?.productId != order.productId || reservation?.quantity != order.quantity {
                let sold = "\(reservation?.quantity ?? 0) of product \(reservation?.productId ?? 0)"
                let ordered = "\(order.quantity) of product \(order.productId)"
                problems.append("ordered are \(ordered), but sold were \(sold): \(look(order))")
            }
        case .reserved:
            problems.append("APPROVED since \(order.updatedAt), but its stock is still RESERVED, not COMMITTED: \(again(order))")
        case let status?: problems.append("APPROVED since \(order.updatedAt), but its reservation is \(status.rawValue): \(look(order))")
        case nil: problems.append("APPROVED since \(order.updatedAt), but it has no reservation: \(look(order))")
        }
        return problems
    }

    private static func canceled(_ order: Order, _ payment: Payment?, _ reservation: Reservation?) -> [String] {
        var problems: [String] = []
        if let payment, payment.status == .approved {
            let money = "its payment of \(payment.amount ?? 0)"
            problems.append("CANCELED since \(order.updatedAt), but \(money) is not refunded: \(again(order))")
        }
        if let reservation, let held = held(reservation) {
            let advice = reservation.status == .reserved ? again(order) : look(order)
            problems.append("CANCELED since \(order.updatedAt), but \(held): \(advice)")
        }
        return problems
    }

    private static func unknown(_ payment: Payment?, _ reservation: Reservation?) -> [String] {
        let advice = "was the order database restored from a backup?"
        var problems: [String] = []
        if let payment, payment.status == .approved {
            problems.append("the order service does not know it, but \(payment.amount ?? 0) is charged for it: \(advice)")
        }
        if let reservation, let held = held(reservation) {
            problems.append("the order service does not know it, but \(held): \(advice)")
        }
        return problems
    }

    private static func held(_ reservation: Reservation) -> String? {
        guard reservation.status == .reserved || reservation.status == .committed else { return nil }
        return "\(reservation.quantity ?? 0) of product \(reservation.productId ?? 0) are \(reservation.status.rawValue) for it"
    }

    private static func again(_ order: Order) -> String {
        "if events flow (sagactl status), sagactl events republish --order \(order.orderId)"
    }

    private static func look(_ order: Order) -> String { "see sagactl trace \(order.orderId)" }
}
