import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

/// The contract's rows for inventory, walked side by side with the state machine until no new state appears.
@Suite struct InventoryParticipantTests {
    enum Shelf: String, CaseIterable, Sendable {
        case plenty, justEnough, tooFew, unknownProduct

        var stock: Stock? {
            switch self {
            case .plenty: Stock(productID: 11, available: 10, reserved: 2, sold: 4)
            case .justEnough: Stock(productID: 11, available: 3)
            case .tooFew: Stock(productID: 11, available: 2, reserved: 1)
            case .unknownProduct: nil
            }
        }
    }

    enum Situation: String, CaseIterable {
        case unheardOf, reserved, committed, released, rejected, void, voidAndAnswered

        var status: ReservationStatus? {
            switch self {
            case .unheardOf: nil
            case .reserved: .reserved
            case .committed: .committed
            case .released: .released
            case .rejected: .rejected
            case .void, .voidAndAnswered: .void
            }
        }

        /// The stock is a function of the situation: conserved, whatever happened on the way.
        func stock(from start: Stock?) -> Stock? {
            var stock = start
            if self == .reserved || self == .committed { stock?.available -= 3 }
            if self == .reserved { stock?.reserved += 3 }
            if self == .committed { stock?.sold += 3 }
            return stock
        }
    }

    /// The contract, section 4. What is not here is answered with nothing.
    static func contract(_ situation: Situation, _ event: EventType, _ shelf: Shelf) -> Expectation<Situation> {
        switch (situation, event) {
        case (.unheardOf, .orderCreated):
            switch shelf {
            case .plenty, .justEnough: .becomes(.reserved, saying: .inventoryReserved(Sample.claim))
            case .tooFew: .becomes(.rejected, saying: .inventoryFailed(Sample.claim, reason: .outOfStock))
            case .unknownProduct: .becomes(.rejected, saying: .inventoryFailed(Sample.claim, reason: .unknownProduct))
            }
        case (.unheardOf, .paymentFailed), (.unheardOf, .orderCanceled): .becomes(.void)
        case (.void, .orderCreated): .becomes(.voidAndAnswered, saying: .inventoryFailed(Sample.claim, reason: .orderCanceled))
        case (_, .orderCreated): .answersAgain
        case (.reserved, .paymentFailed), (.reserved, .orderCanceled):
            .becomes(.released, saying: .inventoryReleased(Sample.claim))
        case (.reserved, .orderApproved): .becomes(.committed)
        default: .nothing
        }
    }

    @Test("Inventory does in every reachable state, on every event, what the contract says", arguments: Shelf.allCases)
    func table(shelf: Shelf) throws {
        struct Place {
            var situation: Situation
            var state: InventoryState
            var firstAnswer: Emission?
        }
        var seen: Set<Situation> = [.unheardOf]
        var places = [Place(situation: .unheardOf, state: InventoryState(reservation: nil, stock: shelf.stock))]
        var now = Sample.now
        while let place = places.popLast() {
            for event in Sample.events {
                now.microseconds += 1_000
                var context = Sample.context(at: now)
                let reaction = place.state.react(to: event, &context)
                let what = Comment(rawValue: "\(place.situation) × \(event.testDescription)")
                Choreography.expectDeclared(reaction, by: .inventory, on: event)

                switch Self.contract(place.situation, event.type, shelf) {
                case .nothing:
                    #expect(reaction == .notApplicable, what)
                case .answersAgain:
                    #expect(reaction == .alreadyApplied(answering: try #require(place.firstAnswer)), what)
                case .becomes(let situation, let said):
                    let state = try #require(reaction.state, what)
                    #expect(reaction.outcome == .applied, what)
                    #expect(reaction.emissions.map(\.event) == (said.map { [$0] } ?? []), what)
                    #expect(state.reservation?.orderID == Sample.orderID, what)
                    #expect(state.reservation?.status == situation.status, what)
                    #expect(state.stock == situation.stock(from: shelf.stock), what)
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
        let reserves: Set<Situation> = [.unheardOf, .reserved, .committed, .released, .void, .voidAndAnswered]
        #expect(seen == (shelf == .plenty || shelf == .justEnough ? reserves : [.unheardOf, .rejected, .void, .voidAndAnswered]))
    }

    @Test("Counters never leave the integers that JSON keeps exact")
    func counters() {
        let largest = JSONObject.largestInteger
        for (reserved, expected) in [(largest - 3, ReservationStatus.reserved), (largest - 2, .rejected)] {
            var context = Sample.context()
            let state = InventoryState(reservation: nil, stock: Stock(productID: 11, available: largest, reserved: reserved))
            let reaction = state.react(to: .orderCreated(Sample.terms), &context)
            #expect(reaction.state?.reservation?.status == expected)
        }
    }
}

extension Choreography {
    /// Whatever a participant says must be declared for it, and it must pass over what it does not react to.
    static func expectDeclared<State>(
        _ reaction: Reaction<State>, by service: ServiceName, on event: SagaEvent, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for emission in reaction.emissions {
            #expect(throws: Never.self, sourceLocation: sourceLocation) {
                try EmissionRules(of: service).require(emission.event, on: event.type)
            }
            #expect(emission.event.type.topic == service.topic, sourceLocation: sourceLocation)
        }
        if !reacts(service, to: event.type) { #expect(reaction.outcome == .notApplicable, sourceLocation: sourceLocation) }
    }
}
