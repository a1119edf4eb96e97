import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

/// The contract's rows for payment, walked side by side with the state machine until no new state appears.
@Suite struct PaymentParticipantTests {
    enum Gateway: String, CaseIterable, Sendable {
        case charges, declines
    }

    enum Situation: String {
        case unheardOf, approved, failed, refunded, void, voidAndAnswered

        var status: PaymentStatus? {
            switch self {
            case .unheardOf: nil
            case .approved: .approved
            case .failed: .failed
            case .refunded: .refunded
            case .void, .voidAndAnswered: .void
            }
        }
    }

    /// The contract, section 4. What is not here is answered with nothing.
    static func contract(_ situation: Situation, _ event: EventType, _ gateway: Gateway, _ charge: Charge) -> Expectation<Situation> {
        switch (situation, event) {
        case (.unheardOf, .orderCreated):
            switch gateway {
            case .charges: .becomes(.approved, saying: .paymentApproved(charge))
            case .declines: .becomes(.failed, saying: .paymentFailed(charge, reason: .declined))
            }
        case (.unheardOf, .inventoryFailed), (.unheardOf, .orderCanceled): .becomes(.void)
        case (.void, .orderCreated): .becomes(.voidAndAnswered, saying: .paymentFailed(charge, reason: .orderCanceled))
        case (_, .orderCreated): .answersAgain
        case (.approved, .inventoryFailed), (.approved, .orderCanceled): .becomes(.refunded, saying: .paymentRefunded(charge))
        default: .nothing
        }
    }

    @Test("Payment does in every reachable state, on every event, what the contract says", arguments: Gateway.allCases)
    func table(gateway: Gateway) throws {
        struct Place {
            var situation: Situation
            var state: Payment?
            var firstAnswer: Emission?
        }
        var seen: Set<Situation> = [.unheardOf]
        var places = [Place(situation: .unheardOf)]
        var now = Sample.now
        while let place = places.popLast() {
            for event in Sample.events {
                now.microseconds += 1_000
                var context = Sample.context(at: now)
                let declines: (Int64) -> Bool = { $0 == Sample.terms.userID && gateway == .declines }
                let reaction = Payment.react(place.state, to: event, declines: declines, &context)
                let what = Comment(rawValue: "\(place.situation) × \(event.testDescription)")
                Choreography.expectDeclared(reaction, by: .payment, on: event)

                // A payment's id is chosen with its first answer and stays.
                let paymentID = (reaction.state ?? place.state)?.answer?.claim.paymentID ?? Sample.paymentID
                if let known = place.state?.answer?.claim.paymentID { #expect(paymentID == known, what) }
                let charge = Charge(orderID: Sample.orderID, paymentID: paymentID, userID: 7, amount: 1250)

                switch Self.contract(place.situation, event.type, gateway, charge) {
                case .nothing:
                    #expect(reaction == .notApplicable, what)
                case .answersAgain:
                    #expect(reaction == .alreadyApplied(answering: try #require(place.firstAnswer)), what)
                case .becomes(let situation, let said):
                    let state = try #require(reaction.state, what)
                    #expect(reaction.outcome == .applied, what)
                    #expect(reaction.emissions.map(\.event) == (said.map { [$0] } ?? []), what)
                    #expect(state.orderID == Sample.orderID, what)
                    #expect(state.status == situation.status, what)
                    let moved = place.situation.status != situation.status
                    #expect(
                        reaction.transition
                            == (moved ? Transition(from: place.situation.status?.rawValue, to: situation.status!.rawValue) : nil), what)
                    if seen.insert(situation).inserted {
                        let answer = event.type == .orderCreated ? reaction.emissions.first : place.firstAnswer
                        places.append(Place(situation: situation, state: state, firstAnswer: answer))
                    }
                }
            }
        }
        #expect(
            seen
                == (gateway == .charges
                    ? [.unheardOf, .approved, .refunded, .void, .voidAndAnswered] : [.unheardOf, .failed, .void, .voidAndAnswered]))
    }

    @Test("The gateway is asked about the user of the order, once")
    func gateway() {
        var asked: [Int64] = []
        let declines: (Int64) -> Bool = {
            asked.append($0)
            return false
        }
        var context = Sample.context()
        let first = Payment.react(nil, to: .orderCreated(Sample.terms), declines: declines, &context)
        let second = Payment.react(first.state, to: .orderCreated(Sample.terms), declines: declines, &context)
        #expect(asked == [7])
        #expect(second.emissions == first.emissions)
    }
}
