import struct Saga.ServiceName
import AdminAPI
import Console
import ArgumentParser

/// `sagactl pause`: for maintenance. It lasts until somebody resumes, across restarts.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop taking in new orders, or handling events, until resumed.",
        discussion: """
            intake: the order service refuses new orders with 503 and Retry-After; everything else goes on, so that the orders under way \
            come to their end. consumption: the daemons leave the others' events where they are; nothing is lost. An order that nobody \
            decides meanwhile is canceled by its deadline.

            Both are kept across restarts and are among the reasons in sagactl status, which exits 1 meanwhile.

            Examples:
              sagactl pause intake
              sagactl pause consumption --service payment
              sagactl resume consumption
            """)

    @OptionGroup var subject: PauseOptions
    @OptionGroup var options: SuiteOptions

    func run() async throws {
        let what = subject.what
        try await subject.ask(options.suite()) { client throws(AdminError) in try await client.pause(what) }
    }
}
