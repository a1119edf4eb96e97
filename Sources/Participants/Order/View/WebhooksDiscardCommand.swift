import AdminAPI
import ArgumentParser
import Console

/// `sagactl webhooks discard`: the receiver is never told of them, so it asks.
struct WebhooksDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Forget all webhooks that were given up.",
        discussion: "Asks first, unless --yes is given. The orders stay as they are; their receiver never hears of them.")

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try confirmation.require("discard them")
    }

    func run() async throws {
        try confirmation.ask("Forget all webhooks that were given up?", refused: "not discarded")
        let result = try await options.suite().order.discardWebhooks()
        if output.json {
            try Output.json(result)
        } else {
            try Output.line(result.discarded == 0 ? "no webhook was given up" : "\(result.discarded) are forgotten")
        }
    }
}
