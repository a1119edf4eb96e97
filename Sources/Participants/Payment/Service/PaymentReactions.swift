package import Saga
package import SagaStore
import Wire

/// The payment service's part in the saga, over its table. The gateway is simulated: it declines the users it is told to.
package struct PaymentReactions: Participant {
    package static let service = ServiceName.payment

    private let declinedUsers: Set<Int64>

    package init(declinedUsers: Set<Int64>) {
        self.declinedUsers = declinedUsers
    }

    package func react(to event: Payment.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        let payment = try transaction.payment(order)
        let reaction = transaction.decide { Payment.react(payment, to: event, of: order, declines: declinedUsers.contains, &$0) }
        if let payment = reaction.state { try transaction.save(payment) }
        return Handled(reaction)
    }
}
