package import AdminAPI
package import Console

extension Listing {
    package static func orders(_ orders: [Order], _ style: Style, width: Int = .max) -> String {
        guard !orders.isEmpty else { return "no orders\n" }
        var table = TextTable(
            ("ORDER", .left), ("STATUS", .left), ("USER", .right), ("PRODUCT", .right), ("QUANTITY", .right), ("AMOUNT", .right),
            ("CREATED", .left), ("TOOK", .right), ("REASON", .left))
        table.dispensable = ["USER", "PRODUCT", "QUANTITY", "AMOUNT", "TOOK", "CREATED"]
        for order in orders {
            table.add(
                .init(order.orderId), cell(order.status), .init(order.userId.map(String.init) ?? ""), .init(String(order.productId)),
                .init(String(order.quantity)), .init(String(order.amount)), .init(Quantity.time(order.createdAt)),
                .init(took(order) ?? ""), .init(reason(order) ?? ""))
        }
        return table.render(style, width: width)
    }

    /// `PAYMENT_FAILED (DECLINED)`
    private static func reason(_ order: Order) -> String? {
        order.reason.map { reason in order.detail.map { "\(reason) (\($0))" } ?? reason }
    }

    private static func took(_ order: Order) -> String? {
        order.decisionMicroseconds.map { Quantity.span(milliseconds: Double($0) / 1000) }
    }

    package static func order(_ order: Order, _ style: Style) -> String {
        var details = Details()
        details.add("order", order.orderId, .bold)
        details.add("status", order.status.rawValue, paint(order.status))
        details.add("reason", reason(order))
        details.add("user", order.userId.map(String.init))
        details.add("product", String(order.productId))
        details.add("quantity", String(order.quantity))
        details.add("amount", String(order.amount))
        details.add("created", order.createdAt)
        details.add("updated", order.updatedAt)
        details.add("took", took(order))
        return details.render(style)
    }

    /// One line of `orders watch`.
    package static func change(_ order: Order, _ style: Style) -> String {
        let status = style.paint(order.status.rawValue, paint(order.status))
        return "\(order.updatedAt.printable)  \(status)\(order.reason.map { " (\($0.printable))" } ?? "")"
    }

    private static func cell(_ status: Order.Status) -> TextTable.Cell { .init(status.rawValue, paint(status)) }

    package static func paint(_ status: Order.Status) -> Style.Paint {
        switch status {
        case .pending: .yellow
        case .approved: .green
        case .canceled: .red
        }
    }
}
