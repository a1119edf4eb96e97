import ArgumentParser
import InventoryView
import OrderView
import PaymentView

/// What each participant adds to `sagactl`.
enum Participants {
    static let commands: [any ParsableCommand.Type] = [
        OrdersCommand.self,
        WebhooksCommand.self,
        InventoryCommand.self,
        PaymentsCommand.self,
    ]
}
