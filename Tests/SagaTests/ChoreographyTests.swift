import Saga
import Testing

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
        let rules = Choreography.rules.filter { $0.participant == service }
        #expect(Dictionary(rules.map { ($0.trigger, $0.mayEmit) }, uniquingKeysWith: { $0.union($1) }) == Self.contract[service])
        #expect(rules.count == Self.contract[service]?.count)
        for type in EventType.allCases {
            #expect(Choreography.reacts(service, to: type) == (Self.contract[service]![type] != nil), "\(type)")
        }
    }

    @Test(
        "A service reads the topics of the two others and is read by both",
        arguments: [
            (ServiceName.order, [Topic.inventory, .payment]), (.inventory, [.order, .payment]), (.payment, [.order, .inventory]),
        ])
    func subscriptions(service: ServiceName, topics: [Topic]) {
        #expect(Choreography.subscriptions(of: service) == topics)
        #expect(Choreography.subscribers(of: service) == topics.map(\.owner))
    }

    @Test("Only the order service speaks without having heard something")
    func spontaneous() {
        #expect(Choreography.spontaneous == [.order: [.orderCreated, .orderCanceled]])
    }

    @Test(
        "A type travels on the topic of the service that says it",
        arguments: zip(
            EventType.allCases,
            [Topic.order, .order, .order, .inventory, .inventory, .inventory, .payment, .payment, .payment]))
    func topics(type: EventType, topic: Topic) {
        #expect(type.topic == topic)
        #expect(topic.owner.topic == topic)
        #expect(topic.rawValue == "\(topic.owner.rawValue)-events")
        #expect(type.rawValue.hasPrefix(topic.owner.rawValue.uppercased() + "_"))
    }
}
