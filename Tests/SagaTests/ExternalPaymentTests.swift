import OrderService
import PaymentService
import Saga
import Testing
import Wire

/// The contract's rows for a payment about which a gateway outside is asked, walked side by side with the state machine until no new
/// state appears.
@Suite struct ExternalPaymentTests {
    enum Situation: String, CaseIterable {
        case unheardOf, pending, unwanted, approved, failed, refunding, refunded, void, voidAndAnswered

        var status: PaymentStatus? {
            switch self {
            case .unheardOf: nil
            case .pending: .pending
            case .unwanted: .unwanted
            case .approved: .approved
            case .failed: .failed
            case .refunding: .refunding
            case .refunded: .refunded
            case .void, .voidAndAnswered: .void
            }
        }
    }

    enum Input: CustomTestStringConvertible {
        case heard(SagaEvent)
        case settled(GatewayOutcome)

        var testDescription: String {
            switch self {
            case .heard(let event): event.testDescription
            case .settled(let outcome): "\(outcome)"
            }
        }

        static let all = Sample.events.map(Input.heard) + [GatewayOutcome.approved, .declined, .refunded].map(Input.settled)
    }

    /// The contract, sections 4 and 9. What is not here is answered with nothing.
    static func contract(_ situation: Situation, _ input: Input, _ charge: Charge) -> Expectation<Situation> {
        switch input {
        case .settled(let outcome):
            switch (situation, outcome) {
            case (.pending, .approved): .becomes(.approved, saying: .paymentApproved(charge))
            case (.unwanted, .approved): .becomes(.refunding, saying: .paymentApproved(charge))
            case (.pending, .declined), (.unwanted, .declined): .becomes(.failed, saying: .paymentFailed(charge, reason: .declined))
            case (.refunding, .refunded): .becomes(.refunded, saying: .paymentRefunded(charge))
            default: .nothing
            }
        case .heard(let event):
            switch (situation, event.type) {
            case (.unheardOf, .orderCreated): .becomes(.pending)
            case (.unheardOf, .inventoryFailed), (.unheardOf, .orderCanceled): .becomes(.void)
            case (.void, .orderCreated): .becomes(.voidAndAnswered, saying: .paymentFailed(charge, reason: .orderCanceled))
            case (_, .orderCreated): .answersAgain
            case (.pending, .inventoryFailed), (.pending, .orderCanceled): .becomes(.unwanted)
            case (.approved, .inventoryFailed), (.approved, .orderCanceled): .becomes(.refunding)
            default: .nothing
            }
        }
    }

    @Test("A payment through a gateway does in every reachable state, on every input, what the contract says")
    func table() throws {
        struct Place {
            var situation: Situation
            var state: Payment?
            var firstAnswer: Emission?
        }
        var seen: Set<Situation> = [.unheardOf]
        var places = [Place(situation: .unheardOf)]
        var now = Sample.now
        while let place = places.popLast() {
            for input in Input.all {
                now.microseconds += 1_000
                var context = Sample.context(at: now)
                let reaction: Reaction<Payment>
                switch input {
                case .heard(let event): reaction = Payment.react(place.state, to: event, decision: .external, &context)
                case .settled(let outcome): reaction = place.state?.settle(outcome, &context) ?? .notApplicable
                }
                let what = Comment(rawValue: "\(place.situation) × \(input.testDescription)")

                // One key for ever: the id is chosen before anybody is asked, and stays.
                let paymentID = (reaction.state ?? place.state)?.answer?.claim.paymentID ?? Sample.paymentID
                if let known = place.state?.answer?.claim.paymentID { #expect(paymentID == known, what) }
                let charge = Charge(orderID: Sample.orderID, paymentID: paymentID, userID: 7, amount: 1250)

                switch Self.contract(place.situation, input, charge) {
                case .nothing:
                    #expect(reaction == .notApplicable, what)
                case .answersAgain:
                    #expect(reaction.outcome == .alreadyApplied, what)
                    // Nothing to answer while it is not known.
                    #expect(reaction.emissions == (place.firstAnswer.map { [$0] } ?? []), what)
                case .becomes(let situation, let said):
                    let state = try #require(reaction.state, what)
                    #expect(reaction.outcome == .applied, what)
                    #expect(reaction.emissions.map(\.event) == (said.map { [$0] } ?? []), what)
                    #expect(state.status == situation.status, what)
                    let (before, after) = (place.situation.status?.shown, situation.status!.shown)
                    #expect(reaction.transition == (before == after ? nil : Transition(from: before, to: after)), what)
                    if seen.insert(situation).inserted {
                        let isAnswer = said?.type == .paymentApproved || said?.type == .paymentFailed
                        places.append(
                            Place(situation: situation, state: state, firstAnswer: isAnswer ? reaction.emissions.first : place.firstAnswer))
                    }
                }
            }
        }
        #expect(seen == Set(Situation.allCases))
    }

    @Test("What is asked follows from the state: a charge until it is known, a refund until it is confirmed, else nothing")
    func questions() throws {
        var context = Sample.context()
        let asked = Payment.react(nil, to: .orderCreated(Sample.terms), decision: .external, &context).state
        let pending = try #require(asked)
        let charge = try #require(pending.answer?.claim)
        #expect(pending.question == .charge(charge))
        let unwanted = Payment.react(
            pending, to: .orderCanceled(orderID: Sample.orderID, reason: .canceledByClient), decision: .external, &context)
        #expect(unwanted.state?.question == .charge(charge))
        let refunding = unwanted.state?.settle(.approved, &context).state
        #expect(refunding?.question == .refund(charge))
        #expect(refunding?.settle(.refunded, &context).state?.question == nil)
        #expect(pending.settle(.declined, &context).state?.question == nil)
    }

    @Test(
        "What was charged by the simulated gateway is given back at once, and what a gateway charged by that gateway, whichever is configured now"
    )
    func configurationChanges() throws {
        var context = Sample.context()
        let canceled = SagaEvent.orderCanceled(orderID: Sample.orderID, reason: .canceledByClient)
        let simulated = ChargeDecision.simulated { _ in false }
        let here = Payment.react(nil, to: .orderCreated(Sample.terms), decision: simulated, &context).state
        #expect(Payment.react(here, to: canceled, decision: .external, &context).state?.status == .refunded)
        let asked = Payment.react(nil, to: .orderCreated(Sample.terms), decision: .external, &context).state
        let outside = asked?.settle(.approved, &context).state
        #expect(Payment.react(outside, to: canceled, decision: simulated, &context).state?.status == .refunding)
    }
}
