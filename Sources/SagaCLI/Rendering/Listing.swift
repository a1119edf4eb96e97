import AdminAPI

/// The tables and detail views of what REST knows, for people.
enum Listing {
    static func orders(_ orders: [Order], _ style: Style, width: Int = .max) -> String {
        guard !orders.isEmpty else { return "no orders\n" }
        var table = TextTable(
            ("ORDER", .left), ("STATUS", .left), ("USER", .right), ("PRODUCT", .right), ("QUANTITY", .right), ("AMOUNT", .right),
            ("CREATED", .left), ("REASON", .left))
        table.dispensable = ["USER", "PRODUCT", "QUANTITY", "AMOUNT", "CREATED"]
        for order in orders {
            table.add(
                .init(order.orderId), cell(order.status), .init(String(order.userId)), .init(String(order.productId)),
                .init(String(order.quantity)), .init(String(order.amount)), .init(Quantity.time(order.createdAt)),
                .init(order.reason ?? ""))
        }
        return table.render(style, width: width)
    }

    static func order(_ order: Order, _ style: Style) -> String {
        var details = Details()
        details.add("order", order.orderId, .bold)
        details.add("status", order.status.rawValue, paint(order.status))
        details.add("reason", order.reason)
        details.add("user", String(order.userId))
        details.add("product", String(order.productId))
        details.add("quantity", String(order.quantity))
        details.add("amount", String(order.amount))
        details.add("created", order.createdAt)
        details.add("updated", order.updatedAt)
        return details.render(style)
    }

    /// One line of `orders watch`.
    static func change(_ order: Order, _ style: Style) -> String {
        let status = style.paint(order.status.rawValue, paint(order.status))
        return "\(order.updatedAt.printable)  \(status)\(order.reason.map { " (\($0.printable))" } ?? "")"
    }

    static func products(_ products: [Product], _ style: Style) -> String {
        guard !products.isEmpty else { return "no products: sagactl inventory set PRODUCT --available N\n" }
        var table = TextTable(("PRODUCT", .right), ("AVAILABLE", .right), ("RESERVED", .right), ("SOLD", .right))
        for product in products {
            let available = String(product.available)
            table.add(
                .init(String(product.productId)), product.available == 0 ? .init(available, .yellow) : .init(available),
                .init(String(product.reserved)), .init(String(product.sold)))
        }
        return table.render(style)
    }

    static func payments(_ payments: [Payment], _ style: Style) -> String {
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

    static func payment(_ payment: Payment, _ style: Style) -> String {
        var details = Details()
        details.add("order", payment.orderId, .bold)
        details.add("status", payment.status.rawValue, paint(payment.status))
        details.add("reason", payment.reason)
        details.add("payment", payment.paymentId)
        details.add("user", payment.userId.map(String.init))
        details.add("amount", payment.amount.map(String.init))
        return details.render(style)
    }

    private static func cell(_ status: Order.Status) -> TextTable.Cell { .init(status.rawValue, paint(status)) }

    static func paint(_ status: Order.Status) -> Style.Paint {
        switch status {
        case .pending: .yellow
        case .approved: .green
        case .canceled: .red
        }
    }

    private static func paint(_ status: Payment.Status) -> Style.Paint {
        switch status {
        case .approved: .green
        case .failed: .red
        case .refunded: .yellow
        case .void: .dim
        }
    }
}
