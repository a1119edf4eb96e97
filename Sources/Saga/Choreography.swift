/// The whole saga on one screen: who reacts to what, and what it may say in turn.
///
/// There is no coordinator; this table is the agreement. Subscriptions derive from it, and a test runs every participant over
/// every state and event type and rejects an emission that is not declared here.
package enum Choreography {
    package struct Rule: Sendable {
        package let trigger: EventType
        package let participant: ServiceName
        package let mayEmit: Set<EventType>
    }

    package static let rules: [Rule] = [
        // An order is placed: stock and money are asked at the same time.
        on(.orderCreated, .inventory, emits: .inventoryReserved, .inventoryFailed),
        on(.orderCreated, .payment, emits: .paymentApproved, .paymentFailed),

        // The order is approved when both facts are known.
        on(.inventoryReserved, .order, emits: .orderApproved),
        on(.paymentApproved, .order, emits: .orderApproved),
        on(.orderApproved, .inventory),

        // One side failed: the order is canceled, the other side compensates, whichever hears of it first.
        on(.inventoryFailed, .order, emits: .orderCanceled),
        on(.paymentFailed, .order, emits: .orderCanceled),
        on(.inventoryFailed, .payment, emits: .paymentRefunded),
        on(.paymentFailed, .inventory, emits: .inventoryReleased),

        // The order was canceled, for whatever reason: both sides compensate.
        on(.orderCanceled, .inventory, emits: .inventoryReleased),
        on(.orderCanceled, .payment, emits: .paymentRefunded),

        // The compensation is done.
        on(.inventoryReleased, .order),
        on(.paymentRefunded, .order),
    ]

    /// What a client or a deadline, not an event, makes the order service say.
    package static let spontaneous: [ServiceName: Set<EventType>] = [.order: [.orderCreated, .orderCanceled]]

    /// Does `service` react to events of `type`? Everything else on the topics it reads is passed over.
    package static func reacts(_ service: ServiceName, to type: EventType) -> Bool {
        reactions[service]!.contains(type)
    }

    /// The topics `service` reads: those of the others, which all carry something it reacts to.
    package static func subscriptions(of service: ServiceName) -> [Topic] {
        let topics = Set(reactions[service]!.map(\.topic))
        return Topic.allCases.filter(topics.contains)
    }

    /// The services that read the topic of `service`.
    package static func subscribers(of service: ServiceName) -> [ServiceName] {
        ServiceName.allCases.filter { subscriptions(of: $0).contains(service.topic) }
    }

    private static let reactions: [ServiceName: Set<EventType>] = Dictionary(
        uniqueKeysWithValues: ServiceName.allCases.map { service in
            (service, Set(rules.filter { $0.participant == service }.map(\.trigger)))
        })

    private static func on(_ trigger: EventType, _ participant: ServiceName, emits: EventType...) -> Rule {
        Rule(trigger: trigger, participant: participant, mayEmit: Set(emits))
    }
}
