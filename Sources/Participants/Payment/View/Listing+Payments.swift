package import AdminAPI
package import Console

extension Listing {
    package static func payments(_ payments: [Payment], _ style: Style) -> String {
        guard !payments.isEmpty else { return "no payments\n" }
        var table = TextTable(
            ("ORDER", .left), ("STATUS", .left), ("USER", .right), ("AMOUNT", .right), ("PAYMENT", .left), ("REASON", .left))
        for payment in payments {
            table.add(
                .init(payment.orderId), .init(payment.status.rawValue, paint(payment.status)),
                .init(payment.userId.map(String.init) ?? ""), .init(payment.amount.map(String.init) ?? ""),
                .init(payment.paymentId ?? ""), .init(payment.reason ?? ""))
        }
        return table.render(style)
    }

    package static func payment(_ payment: Payment, _ style: Style) -> String {
        var details = Details()
        details.add("order", payment.orderId, .bold)
        details.add("status", payment.status.rawValue, paint(payment.status))
        details.add("reason", payment.reason)
        details.add("payment", payment.paymentId)
        details.add("user", payment.userId.map(String.init))
        details.add("amount", payment.amount.map(String.init))
        return details.render(style)
    }

    private static func paint(_ status: Payment.Status) -> Style.Paint {
        switch status {
        case .approved: .green
        case .failed: .red
        case .pending, .refunding, .refunded: .yellow
        case .void: .dim
        }
    }
}
