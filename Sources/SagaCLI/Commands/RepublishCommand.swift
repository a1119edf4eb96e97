import Console
import InventoryView
import OrderView
import PaymentView
import AdminAPI
import ArgumentParser
import Glibc
import Wire

/// `sagactl events republish`: safe to repeat, known event ids are absorbed.
struct RepublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "republish",
        abstract: "Publish events again, under their old ids.",
        discussion: """
            For a saga that is stuck because an event was lost, e.g. with the broker's data. What was already applied is absorbed. They are \
            published beside the live events, as fast as the others take them, also when sagactl has ended. Every \
            daemon is asked; exit code 69 if one could not be reached, after the others have done their part, and 1 if none has an event of \
            the order.

            Examples:
              sagactl events republish --order 01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e7f
              sagactl events republish --since 2026-01-31T12:00:00Z
            """)

    @Option(help: .init("The events of this order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var order: String?

    @Option(
        help: .init("The events since this RFC 3339 time, or of so long ago, e.g. 2h.", valueName: "time"),
        transform: Arguments.timeOrAge)
    var since: String?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (order == nil) != (since == nil) else { throw ValidationError("give exactly one of --order ID and --since TIME") }
    }

    func run() async throws {
        let request = order.map(RepublishRequest.order) ?? .since(since ?? "")
        let suite = options.suite()
        let answers = await Progress.showing("queuing events") {
            await suite.ask { client throws(AdminError) in try await Self.republish(request, client) }
        }
        let errors = answers.compactMap(\.error)
        let queued = answers.compactMap(\.value).reduce(0) { $0 + $1.queued }
        if let order, queued == 0, errors.isEmpty {
            throw Failure(
                .notSo, "no daemon has an event of order \(order) to publish", advice: "sagactl orders list shows the newest orders")
        }
        if errors.count < answers.count {
            if output.json {
                try Output.json(RepublishResult(queued: queued))
            } else {
                try Output.line("\(Quantity.count(queued, "event")) queued")
            }
        }
        if since != nil { await Self.showProgress(options.suite(timeout: .seconds(5)), queued) }
        if !errors.isEmpty { throw Failure(errors: errors) }
    }

    /// They go on by themselves: whoever looks on from a terminal may leave at any time.
    private static func showProgress(_ suite: Suite, _ queued: Int) async {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let counter = Progress.Counter()
        await Progress.showing("publishing again", counter) {
            var left = queued
            while left > 0 {
                let answers = await suite.ask { client throws(AdminError) in try await client.status() }
                let now = answers.reduce(0) { $0 + ($1.value?.outbox?.republishing ?? 0) }
                counter.add(left - now)
                left = now
                if left > 0 { try? await Task.sleep(for: .milliseconds(500)) }
            }
        }
    }

    /// A daemon that has nothing of the order has nothing to publish.
    private static func republish(_ request: RepublishRequest, _ client: AdminClient) async throws(AdminError) -> RepublishResult {
        do throws(AdminError) {
            return try await client.republish(request)
        } catch {
            guard error.problemStatus == 404 else { throw error }
            return RepublishResult(queued: 0)
        }
    }
}
