import AdminAPI
import Console
import ArgumentParser

/// Which orders a command is about.
struct OrderSelectionOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: .init("Only orders with this status: PENDING, APPROVED or CANCELED.", valueName: "status"))
    var status: Order.Status?

    @Option(parsing: .unconditional, help: .init("Only those of this user.", valueName: "id"), transform: Arguments.positive)
    var user: Int64?

    @Option(
        parsing: .unconditional, help: .init("Only those of this product.", valueName: "id"), completion: Completion.products,
        transform: Arguments.positive)
    var product: Int64?

    @Option(
        help: .init(
            "Only those canceled for this: PAYMENT_FAILED, INVENTORY_FAILED, DEADLINE_EXCEEDED or CANCELED_BY_CLIENT.", valueName: "reason"),
        transform: Arguments.reason)
    var reason: String?

    @Option(
        parsing: .unconditional, help: .init("Only those placed since this RFC 3339 time, or since e.g. 2h ago.", valueName: "time"),
        transform: Arguments.timeOrAge)
    var since: String?

    @Option(
        parsing: .unconditional, help: .init("Only those placed before this RFC 3339 time, or longer ago than e.g. 2h.", valueName: "time"),
        transform: Arguments.timeOrAge)
    var until: String?

    var selection: OrderSelection {
        OrderSelection(status: status, user: user, product: product, reason: reason, since: since, until: until)
    }
}
