import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

@Suite struct ChoreographyTests {
    /// The contract's table, section 4: who reacts to what, and what it may say then.
    static let contract: [ServiceName: [EventType: Set<EventType>]] = [
        .order: [
            .inventoryReserved: [.orderApproved],
            .paymentApproved: [.orderApproved],
            .inventoryFailed: [.orderCanceled],
            .paymentFailed: [.orderCanceled],
            .inventoryReleased: [],
            .paymentRefunded: [],
        ],
        .inventory: [
            .orderCreated: [.inventoryReserved, .inventoryFailed],
            .paymentFailed: [.inventoryReleased],
            .orderCanceled: [.inventoryReleased],
            .orderApproved: [],
        ],
        .payment: [
            .orderCreated: [.paymentApproved, .paymentFailed],
            .inventoryFailed: [.paymentRefunded],
            .orderCanceled: [.paymentRefunded],
        ],
    ]

    @Test("The choreography is the contract's table", arguments: ServiceName.allCases)
    func table(service: ServiceName) throws {
        let rules = Choreography.row(of: service).hears
        #expect(Dictionary(rules.map { ($0.trigger, $0.mayEmit) }, uniquingKeysWith: { $0.union($1) }) == Self.contract[service])
        #expect(rules.count == Self.contract[service]?.count)
        for type in EventType.allCases {
            #expect(Choreography.reacts(service, to: type) == (Self.contract[service]![type] != nil), "\(type)")
        }
    }

    @Test(
        "A service reads the topics of the two others and is read by both",
        arguments: [
            (ServiceName.order, [ServiceName.inventory, .payment]), (.inventory, [.order, .payment]), (.payment, [.order, .inventory]),
        ])
    func subscriptions(service: ServiceName, others: [ServiceName]) {
        #expect(Choreography.subscriptions(of: service).map(\.owner) == others)
        #expect(Choreography.subscribers(of: service) == others)
    }

    @Test("Only the order service speaks without having heard something")
    func spontaneous() {
        #expect(Choreography.rows.map(\.unasked) == [[.orderCreated, .orderCanceled], [], []])
    }

    @Test(
        "A type travels on the topic of the service that says it",
        arguments: zip(
            EventType.allCases,
            [ServiceName.order, .order, .order, .inventory, .inventory, .inventory, .payment, .payment, .payment]))
    func topics(type: EventType, service: ServiceName) {
        #expect(type.topic == service.topic)
        #expect(service.topic.owner == service)
        #expect(service.topic.rawValue == "\(service)-events")
        #expect(type.rawValue.hasPrefix(service.rawValue.uppercased() + "_"))
    }

    @Test("Each participant's own enum hears what its row says, no more and no less")
    func heard() {
        #expect(Choreography.problems(of: .order, hearing: Order.Heard.self) == [])
        #expect(Choreography.problems(of: .inventory, hearing: InventoryState.Heard.self) == [])
        #expect(Choreography.problems(of: .payment, hearing: Payment.Heard.self) == [])
        #expect(
            Choreography.problems(of: .payment, hearing: InventoryState.Heard.self) == [
                "payment hears ORDER_APPROVED, which its row does not say",
                "payment does not hear INVENTORY_FAILED, as its row says",
                "payment hears PAYMENT_FAILED, which its row does not say",
            ])
    }

    @Test("What is said is held against the row: the type, what it answers, and the payload")
    func emissions() throws {
        let rules = EmissionRules(of: .inventory)
        try rules.require(.inventoryReserved(Sample.claim), on: .orderCreated)
        let undeclared: [(SagaEvent, on: EventType?)] = [
            (.inventoryReserved(Sample.claim), .orderApproved), (.inventoryReserved(Sample.claim), nil),
            (.paymentApproved(Sample.charge), .orderCreated), (SagaEvent(.inventoryReserved, of: Sample.orderID), .orderCreated),
            (SagaEvent(.inventoryReserved, of: Sample.orderID, .number("productId", 1), .number("quantity", 0)), .orderCreated),
            (SagaEvent(.inventoryReserved, of: Sample.orderID, .number("quantity", 1), .number("productId", 1)), .orderCreated),
            (
                SagaEvent(
                    .inventoryFailed, of: Sample.orderID, .number("productId", 1), .number("quantity", 1),
                    .reason(PaymentFailure.declined)), .orderCreated
            ),
        ]
        for (event, trigger) in undeclared {
            #expect(throws: UndeclaredEmission(service: .inventory, event: event, trigger: trigger)) {
                try rules.require(event, on: trigger)
            }
        }
        #expect(
            UndeclaredEmission(service: .inventory, event: undeclared[0].0, trigger: .orderApproved).description
                == "inventory may not say this INVENTORY_RESERVED on ORDER_APPROVED: see its row in Choreography")
    }
}
