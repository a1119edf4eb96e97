import AdminAPI
import ArgumentParser
import Console

/// `sagactl webhooks retry`: all that were given up, for another day.
struct WebhooksRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send all webhooks again that were given up.",
        discussion: "Each has another day. A receiver that knows its webhook-id already has taken it before.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let result = try await options.suite().order.retryWebhooks()
        if output.json {
            try Output.json(result)
        } else {
            try Output.line(result.retried == 0 ? "no webhook was given up" : "\(result.retried) are sent again")
        }
    }
}
