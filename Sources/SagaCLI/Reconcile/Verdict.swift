import Console
import AdminAPI

/// What is wrong with one order's stock and money, judged from what the three daemons say at rest.
///
/// - APPROVED: the payment is APPROVED and the reservation COMMITTED, over the same amount, product and quantity.
/// - CANCELED: no payment is APPROVED, no stock is RESERVED or COMMITTED.
/// - PENDING: it is not overdue, and an answer that decides it is still missing.
/// - unknown: nobody holds money or stock for it.
enum Verdict {
    /// - Parameters:
    ///   - isOverdue: whether the order is older than an undecided one may become.
    ///   - isUnsettled: whether the gateway has not answered about the payment for longer than it may take.
    static func problems(
        orderId: String, order: Order?, isOverdue: Bool, payment: Payment?, isUnsettled: Bool = false, reservation: Reservation?
    ) -> [Finding] {
        let problems = problems(orderId: orderId, order, isOverdue, payment, reservation)
        guard isUnsettled, let payment else { return problems }
        let since = payment.updatedAt.map { " since \($0)" } ?? ""
        return problems + [
            Finding(.unsettled, "its payment of \(payment.amount ?? 0) is \(payment.status.rawValue)\(since): the gateway has not answered")
        ]
    }

    private static func problems(
        orderId: String, _ order: Order?, _ isOverdue: Bool, _ payment: Payment?, _ reservation: Reservation?
    ) -> [Finding] {
        guard let order else { return unknown(payment, reservation) }
        switch order.status {
        case .pending: return pending(order, isOverdue, payment, reservation)
        case .approved: return approved(order, payment, reservation)
        case .canceled: return canceled(order, payment, reservation)
        }
    }

    /// Both answers decide it, and so does each that is not the good one.
    private static func pending(_ order: Order, _ isOverdue: Bool, _ payment: Payment?, _ reservation: Reservation?) -> [Finding] {
        // One that the gateway was asked about is no answer yet.
        let payment = payment?.status == .pending ? nil : payment
        let isGood = (payment?.status ?? .approved) == .approved && (reservation?.status ?? .reserved) == .reserved
        let since = "PENDING since \(order.createdAt)\(isOverdue ? ", past its deadline" : "")"
        if !isGood || payment != nil && reservation != nil {
            let answers = [
                payment.map { "its payment is \($0.status.rawValue)" }, reservation.map { "its reservation is \($0.status.rawValue)" },
            ]
            return [Finding(.undecided, "\(since), though \(answers.compactMap(\.self).joined(separator: " and "))")]
        }
        return isOverdue ? [Finding(.undecided, "\(since): sagactl trace \(order.orderId) shows what it waits for")] : []
    }

    private static func approved(_ order: Order, _ payment: Payment?, _ reservation: Reservation?) -> [Finding] {
        var problems: [Finding] = []
        if let payment, payment.status == .approved {
            if payment.amount != order.amount {
                problems.append(Finding(.paymentMissing, "the order's amount is \(order.amount), but \(payment.amount ?? 0) was charged"))
            }
            // One of them may have been forgotten, at one service earlier than at the other.
            if let user = order.userId, let charged = payment.userId, charged != user {
                problems.append(Finding(.paymentMissing, "the order is of user \(user), but user \(charged) was charged"))
            }
        } else {
            let money = payment.map { "its payment is \($0.status.rawValue)" } ?? "it has no payment"
            problems.append(Finding(.paymentMissing, "APPROVED since \(order.updatedAt), but \(money)"))
        }
        switch reservation?.status {
        case .committed:
            if reservation?.productId != order.productId || reservation?.quantity != order.quantity {
                let sold = "\(reservation?.quantity ?? 0) of product \(reservation?.productId ?? 0)"
                let ordered = "\(order.quantity) of product \(order.productId)"
                problems.append(Finding(.reservationMissing, "ordered are \(ordered), but sold were \(sold)"))
            }
        case .reserved:
            problems.append(
                Finding(.reservationMissing, "APPROVED since \(order.updatedAt), but its stock is still RESERVED, not COMMITTED"))
        case let status?:
            problems.append(Finding(.reservationMissing, "APPROVED since \(order.updatedAt), but its reservation is \(status.rawValue)"))
        case nil: problems.append(Finding(.reservationMissing, "APPROVED since \(order.updatedAt), but it has no reservation"))
        }
        return problems
    }

    private static func canceled(_ order: Order, _ payment: Payment?, _ reservation: Reservation?) -> [Finding] {
        var problems: [Finding] = []
        if let payment, payment.status == .approved {
            let money = "its payment of \(payment.amount ?? 0)"
            problems.append(Finding(.notCompensated, "CANCELED since \(order.updatedAt), but \(money) is not refunded"))
        }
        if let reservation, let held = held(reservation) {
            problems.append(Finding(.notCompensated, "CANCELED since \(order.updatedAt), but \(held)"))
        }
        return problems
    }

    private static func unknown(_ payment: Payment?, _ reservation: Reservation?) -> [Finding] {
        var problems: [Finding] = []
        if let payment, payment.status == .approved {
            problems.append(Finding(.unknownOrder, "the order service does not know it, but \(payment.amount ?? 0) is charged for it"))
        }
        if let reservation, let held = held(reservation) {
            problems.append(Finding(.unknownOrder, "the order service does not know it, but \(held)"))
        }
        return problems
    }

    private static func held(_ reservation: Reservation) -> String? {
        guard reservation.status == .reserved || reservation.status == .committed else { return nil }
        return "\(reservation.quantity ?? 0) of product \(reservation.productId ?? 0) are \(reservation.status.rawValue) for it"
    }
}
