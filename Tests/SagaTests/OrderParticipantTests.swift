import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

/// The contract's rows for the order service, walked side by side with the state machine until no new state appears.
@Suite struct OrderParticipantTests {
    /// What one side has said so far.
    enum Word: String, CaseIterable {
        case nothing, yes, no, givenBack
    }

    /// The order as the contract sees it.
    struct Situation: Hashable {
        var status = "PENDING"
        var reason: CancelReason?
        var stock = Word.nothing
        var money = Word.nothing
    }

    enum Input: CustomStringConvertible {
        case event(SagaEvent)
        case cancel(CancelReason)

        var description: String {
            switch self {
            case .event(let event): event.testDescription
            case .cancel(let reason): "cancel for \(reason.rawValue)"
            }
        }

        static let all = Sample.events.map(Input.event) + [.cancel(.canceledByClient), .cancel(.deadlineExceeded)]
    }

    /// What is known once `second` is heard after `first`: late and repeated words never undo one.
    static let known: [Word: [Word: Word]] = [
        .nothing: [.yes: .yes, .no: .no, .givenBack: .givenBack],
        .yes: [.yes: .yes, .no: .yes, .givenBack: .givenBack],
        .no: [.yes: .no, .no: .no, .givenBack: .no],
        .givenBack: [.yes: .givenBack, .no: .givenBack, .givenBack: .givenBack],
    ]

    /// The contract, section 4: the situation that follows, and what is said.
    static func contract(_ before: Situation, _ input: Input) -> (Situation, said: SagaEvent?) {
        var after = before
        var cause: CancelReason?
        switch input {
        case .event(let event):
            switch event.type {
            case .inventoryReserved: after.stock = known[before.stock]![.yes]!
            case .inventoryFailed:
                after.stock = known[before.stock]![.no]!
                cause = ["OUT_OF_STOCK": .inventoryFailed, "UNKNOWN_PRODUCT": .inventoryFailed][event.reason]
            case .inventoryReleased: after.stock = known[before.stock]![.givenBack]!
            case .paymentApproved: after.money = known[before.money]![.yes]!
            case .paymentFailed:
                after.money = known[before.money]![.no]!
                cause = ["DECLINED": .paymentFailed][event.reason]
            case .paymentRefunded: after.money = known[before.money]![.givenBack]!
            default: break
            }
        case .cancel(let reason): cause = reason
        }
        guard before.status == "PENDING" else { return (after, nil) }
        if let cause {
            (after.status, after.reason) = ("CANCELED", cause)
            return (after, .orderCanceled(orderID: Sample.orderID, reason: cause))
        }
        if after.stock == .yes, after.money == .yes {
            after.status = "APPROVED"
            return (after, .orderApproved(orderID: Sample.orderID))
        }
        return (after, nil)
    }

    /// Whom the saga still has to hear from.
    static func waiting(_ situation: Situation) -> [ServiceName] {
        let open: Set<Word> =
            switch situation.status {
            case "PENDING": [.nothing]
            case "CANCELED": [.nothing, .yes]
            default: []
            }
        return (open.contains(situation.stock) ? [.inventory] : []) + (open.contains(situation.money) ? [.payment] : [])
    }

    static func situation(of order: Order) -> Situation {
        var situation = Situation(status: order.status.name)
        if case .canceled(let reason) = order.status { situation.reason = reason }
        situation.stock =
            switch order.inventory {
            case .unknown: .nothing
            case .reserved: .yes
            case .failed: .no
            case .released: .givenBack
            }
        situation.money =
            switch order.payment {
            case .unknown: .nothing
            case .approved: .yes
            case .failed: .no
            case .refunded: .givenBack
            }
        return situation
    }

    @Test("The order service does in every reachable state, on every event, what the contract says")
    func table() throws {
        var context = Sample.context()
        let placed = Order.place(Sample.terms, &context)
        let order = try #require(placed.state)
        #expect(placed.emissions.map(\.event) == [.orderCreated(Sample.terms)])
        #expect(placed.transition == Transition(from: nil, to: "PENDING"))
        #expect(Self.situation(of: order) == Situation())

        var seen: Set<Situation> = [Situation()]
        var orders = [order]
        while let order = orders.popLast() {
            let before = Self.situation(of: order)
            #expect(order.waitingFor == Self.waiting(before), "\(before)")
            for input in Input.all {
                var context = Sample.context(at: Timestamp(milliseconds: Sample.now.milliseconds + 5))
                let what = Comment(rawValue: "\(before) × \(input)")
                let reaction: Reaction<Order>
                switch input {
                case .event(let event):
                    reaction = Order.react(order, to: event, &context)
                    Choreography.expectDeclared(reaction, by: .order, on: event)
                case .cancel(let reason):
                    reaction = order.cancel(reason, &context)
                    #expect(reaction.emissions.allSatisfy { Choreography.mayEmit(.order, on: nil).contains($0.event.type) }, what)
                }

                let (after, said) = Self.contract(before, input)
                #expect(reaction.emissions.map(\.event) == (said.map { [$0] } ?? []), what)
                guard after != before else {
                    #expect(reaction == .notApplicable, what)
                    continue
                }
                let state = try #require(reaction.state, what)
                let decided = after.status != before.status
                #expect(reaction.outcome == .applied, what)
                #expect(Self.situation(of: state) == after, what)
                #expect(reaction.transition == (decided ? Transition(from: "PENDING", to: after.status) : nil), what)
                #expect(state.updatedAt == (decided ? context.now : order.updatedAt), what)
                #expect(state.terms == Sample.terms && state.createdAt == Sample.now, what)
                if seen.insert(after).inserted { orders.append(state) }
            }
        }
        // 15 pending ones (stock and money together are APPROVED at once), 4 approved ones, 4 reasons × what was heard.
        #expect(seen.count { $0.status == "PENDING" } == 15)
        #expect(seen.count { $0.status == "APPROVED" } == 4)
        #expect(Set(seen.compactMap(\.reason)) == Set(CancelReason.allCases))
    }

    @Test("An order that is not known here is left alone", arguments: Sample.events)
    func unknownOrder(event: SagaEvent) {
        var context = Sample.context()
        #expect(Order.react(nil, to: event, &context) == .notApplicable)
    }

    @Test("An order is never updated before it was created, even when the clock goes back")
    func clockGoesBack() throws {
        var context = Sample.context()
        let order = try #require(Order.place(Sample.terms, &context).state)
        var earlier = Sample.context(at: Timestamp(milliseconds: Sample.now.milliseconds - 60_000))
        #expect(order.cancel(.canceledByClient, &earlier).state?.updatedAt == Sample.now)
    }
}
