import AdminAPI
import ArgumentParser
import Console
import OrderView
import PaymentView

/// `sagactl users forget`: safe to run again, also after it was broken off.
struct UsersForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Take a user's id out of everything that is kept.",
        discussion: """
            The orders and payments stay, with their amounts, and no longer say whose they are; events that are published again have 0 in \
            its place. What is still under way keeps it: exit code 1, and the command is to be run again later. It asks first, unless \
            --yes is given. What it cannot reach is named in sagad(7).

            Example:
              sagactl users forget 4711
            """)

    @Argument(help: .init("The user's id.", valueName: "user"), transform: Arguments.positive)
    var user: Int64

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let orders: Int
        let payments: Int
    }

    func validate() throws { try confirmation.require("forget the user") }

    func run() async throws {
        let suite = options.suite()
        try confirmation.ask("Forget user \(user) for good?", refused: "not forgotten")
        let (orders, payments) = try await Progress.showing("forgetting") { () throws(AdminError) in
            // Orders first: a payment whose order is final needs no user any more.
            (try await suite.order.forget(user), try await suite.payment.forget(user))
        }
        if output.json {
            try Output.json(Result(orders: orders.forgotten, payments: payments.forgotten))
        } else {
            let (inOrders, inPayments) = (
                Quantity.count(orders.forgotten, "order"), Quantity.count(payments.forgotten, "payment")
            )
            try Output.line("forgotten in \(inOrders) and \(inPayments)")
        }
        if orders.left + payments.left > 0 {
            throw Failure(
                .notSo,
                "still under way: \(Quantity.count(orders.left, "order")) and \(Quantity.count(payments.left, "payment"))",
                advice: "run the same command again later")
        }
    }
}
