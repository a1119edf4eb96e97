import SeededNumbers
import SagaTestSupport
import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

/// One order and everything that can be said of it.
enum Sample {
    static let orderID = OrderID("0198a1f0-5c00-7abc-8def-0123456789ab")!
    static let paymentID = PaymentID("0198a1f0-5c01-7000-8000-00000000000a")!
    static let terms = OrderTerms(orderID: orderID, userID: 7, productID: 11, quantity: 3, amount: 1250)
    static let claim = StockClaim(orderID: orderID, productID: 11, quantity: 3)
    static let charge = Charge(orderID: orderID, paymentID: paymentID, userID: 7, amount: 1250)

    /// Every event type with every reason it can carry.
    static let events: [SagaEvent] =
        [.orderCreated(terms), .orderApproved(orderID: orderID)]
        + CancelReason.allCases.map { .orderCanceled(orderID: orderID, reason: $0) }
        + [.inventoryReserved(claim), .inventoryReleased(claim)]
        + InventoryFailure.allCases.map { .inventoryFailed(claim, reason: $0) }
        + [.paymentApproved(charge), .paymentRefunded(charge)]
        + PaymentFailure.allCases.map { .paymentFailed(charge, reason: $0) }

    static let now = Timestamp(milliseconds: 1_780_000_000_000)

    static func context(at now: Timestamp = now) -> DecisionContext {
        DecisionContext(now: now, ids: IDGenerator(random: SplitMix64(seed: UInt64(now.microseconds))))
    }
}

extension SagaEvent: CustomTestStringConvertible {
    public var testDescription: String {
        reason.map { "\(type)/\($0)" } ?? type.rawValue
    }
}

/// The state machines over the events as they come over the wire: what a participant does not hear, the shell passes over.
extension Order {
    static func react(_ order: Order?, to event: SagaEvent, _ context: inout DecisionContext) -> Reaction<Order> {
        Heard(event).map { react(order, to: $0, &context) } ?? .notApplicable
    }
}

extension InventoryState {
    func react(to event: SagaEvent, _ context: inout DecisionContext) -> Reaction<InventoryState> {
        Heard(event).map { react(to: $0, of: event.orderID, &context) } ?? .notApplicable
    }
}

extension Payment {
    static func react(
        _ payment: Payment?, to event: SagaEvent, declines: @escaping (Int64) -> Bool, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        react(payment, to: event, decision: .simulated(declines: declines), &context)
    }

    static func react(
        _ payment: Payment?, to event: SagaEvent, decision: ChargeDecision, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        Heard(event).map { react(payment, to: $0, of: event.orderID, decision: decision, &context) } ?? .notApplicable
    }
}

/// What a participant must do with an input.
enum Expectation<Situation> {
    case nothing
    /// The first answer once more, under its first id.
    case answersAgain
    case becomes(Situation, saying: SagaEvent? = nil)
}
