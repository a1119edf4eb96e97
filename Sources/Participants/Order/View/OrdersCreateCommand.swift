import AdminAPI
import ArgumentParser
import Console

/// `sagactl orders create`: sends the order once. Whether it may be sent again after a failure is told, not guessed.
struct OrdersCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Place an order.",
        discussion: """
            Exit code 0 when the order was accepted. With --wait, 1 if it ended CANCELED or is still PENDING after that time. With an \
            idempotency key the same command can be run again after a failure without placing a second order.

            Examples:
              sagactl orders create --user 1 --product 1 --quantity 2 --amount 1000
              sagactl orders create --user 1 --product 1 --quantity 2 --amount 1000 \\
                --wait 10s --idempotency-key cart-4711
            """)

    @Option(parsing: .unconditional, help: .init("Who orders.", valueName: "id"), transform: Arguments.positive)
    var user: Int64

    @Option(
        parsing: .unconditional, help: .init("What is ordered.", valueName: "id"), completion: Completion.products,
        transform: Arguments.positive)
    var product: Int64

    @Option(parsing: .unconditional, help: .init("How many.", valueName: "n"), transform: Arguments.positive)
    var quantity: Int64

    @Option(
        parsing: .unconditional, help: .init("What to charge, in the currency's smallest unit.", valueName: "n"),
        transform: Arguments.positive)
    var amount: Int64

    @Option(
        parsing: .unconditional, help: .init("Wait this long for the outcome, e.g. 500ms, 10s.", valueName: "duration"),
        transform: Arguments.duration)
    var wait: Duration?

    @Option(
        help: .init("Makes repeating the command safe; 1 to 255 visible ASCII characters.", valueName: "key"),
        transform: Arguments.idempotencyKey)
    var idempotencyKey: String?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = options.suite().order
        var order = try await place(client)
        guard let wait else { return try output.show(order) }
        do throws(AdminError) {
            order = try await outcome(of: order, client, wait)
        } catch {
            try output.show(order)
            throw Failure(error).adding("the order was accepted; see: sagactl orders watch \(order.orderId)")
        }
        try output.show(order)
        switch order.status {
        case .approved: break
        case .canceled: throw Failure(.notSo, "the order was canceled\(order.reason.map { ": \($0)" } ?? "")")
        case .pending: throw Failure(.notSo, "the order is still PENDING; see: sagactl trace \(order.orderId)")
        }
    }

    private func place(_ client: AdminClient) async throws -> Order {
        do throws(AdminError) {
            return try await client.createOrder(
                OrderRequest(userId: user, productId: product, quantity: quantity, amount: amount), idempotencyKey: idempotencyKey)
        } catch {
            switch error {
            case .connectionLost, .timedOut: throw uncertain(error)
            case .unreachable, .untrusted, .problem, .malformed: throw error
            }
        }
    }

    /// The request may have been carried out: what to do about it depends on the key.
    private func uncertain(_ error: AdminError) -> Failure {
        let advice =
            idempotencyKey != nil
            ? "the order may have been accepted; it is safe to run the same command again, the idempotency key sees to it"
            : "the order may have been accepted; look at sagactl orders list before trying again, or use --idempotency-key"
        return Failure(error).adding(advice)
    }

    /// The daemon waits for 60 s at most, so a longer wait is several; a restart of the daemon is part of it.
    private func outcome(of order: Order, _ client: AdminClient, _ wait: Duration) async throws(AdminError) -> Order {
        let deadline = ContinuousClock.now + wait
        var order = order
        while !order.status.isFinal {
            guard .now < deadline else { break }
            let id = order.orderId
            order = try await Restart.outlasting(until: deadline) { () throws(AdminError) in
                try await client.order(id, wait: deadline - .now)
            }
        }
        return order
    }
}
