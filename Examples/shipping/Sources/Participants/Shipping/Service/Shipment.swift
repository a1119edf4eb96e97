package import Saga
package import Wire

/// The shipment of one order, and the state machine that books it.
///
/// An order is APPROVED or CANCELED, never both: what is booked stays, and a canceled order only leaves a note that nothing is sent.
package struct Shipment: Equatable, Sendable {
    package enum Status: String, Sendable {
        case booked = "BOOKED"
        case void = "VOID"
    }

    package var orderID: OrderID
    package var status: Status
    /// What was said when it was booked.
    package var answer: Answer?

    package struct Answer: Equatable, Sendable {
        package var eventID: EventID
        package var shipmentID: ShipmentID
    }
}

package enum ShipmentEntity {}
package typealias ShipmentID = ID<ShipmentEntity>

extension Shipment {
    /// What the shipping service hears.
    package enum Heard: HeardEvent {
        case orderApproved, orderCanceled

        package init?(_ event: SagaEvent) {
            switch event.type {
            case .orderApproved: self = .orderApproved
            case .orderCanceled: self = .orderCanceled
            default: return nil
            }
        }
    }

    /// What an event means to an order's shipment; nil is an order of which nothing is known here.
    package static func react(
        _ shipment: Shipment?, to event: Heard, of order: OrderID, _ context: inout DecisionContext
    ) -> Reaction<Shipment> {
        switch event {
        case .orderApproved:
            // A repetition gets the first answer again, under its id.
            if let answer = shipment?.answer { return .alreadyApplied(answering: answer.emission(for: order)) }
            guard shipment == nil else { return .notApplicable }
            let answer = Answer(eventID: context.newID(), shipmentID: context.newID())
            return .applied(
                Shipment(orderID: order, status: .booked, answer: answer), Transition(from: nil, to: Status.booked.rawValue),
                emitting: answer.emission(for: order))
        case .orderCanceled:
            guard shipment == nil else { return .notApplicable }
            return .applied(Shipment(orderID: order, status: .void, answer: nil), Transition(from: nil, to: Status.void.rawValue))
        }
    }
}

extension Shipment.Answer {
    fileprivate func emission(for order: OrderID) -> Emission {
        Emission(SagaEvent(.shipmentBooked, of: order, .id("shipmentId", shipmentID)), id: eventID)
    }
}
