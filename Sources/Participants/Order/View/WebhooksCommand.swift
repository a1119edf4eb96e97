package import ArgumentParser
import Console

/// The group of `sagactl webhooks`.
package struct WebhooksCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Send webhooks again that were given up, or forget them.",
        discussion: """
            An order that the receiver (order.webhook.url) does not take is sent again for a day; then it is given up, and sagactl status says so.
            """,
        subcommands: [WebhooksRetryCommand.self, WebhooksDiscardCommand.self])

    package init() {}
}
