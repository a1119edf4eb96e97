import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl orders watch`: held open by the daemon rather than polled, so a change is printed when it happens.
struct OrdersWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print an order's state now and each change until it is final.",
        discussion: """
            With --json each state is one JSON document on a line. Goes on by itself when the order service is restarted, for as long as \
            two minutes. Exit code 1 if there is no such order.
            """)

    @Argument(help: .init("The order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var id: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = options.suite().order
        var order = try await client.order(id)
        try show(order)
        while !order.status.isFinal {
            let next = try await Restart.outlasting(until: .now + Restart.longest) { () throws(AdminError) in
                try await client.order(id, wait: .seconds(60))
            }
            if next != order { try show(next) }
            order = next
        }
    }

    private func show(_ order: Order) throws {
        if output.json {
            try Output.json(order)
        } else {
            try Output.line(Listing.change(order, .current))
        }
    }
}
