/// What follows from the rows.
extension Choreography {
    package static func row(of service: ServiceName) -> Row {
        rows[services.firstIndex(of: service)!]
    }

    package static func event(_ type: EventType) -> Event {
        events[type.rawValue]!.event
    }

    /// Does `service` react to events of `type`? Everything else on the topics it reads is passed over.
    package static func reacts(_ service: ServiceName, to type: EventType) -> Bool {
        events[type.rawValue]!.listeners.contains(service)
    }

    /// What a service publishes: what its row says, and where it begins the orders, also that one is over.
    package static func published(by service: ServiceName) -> [Event] {
        let row = row(of: service)
        return row.says + (epilogue.type.topic == row.topic ? [epilogue] : [])
    }

    /// The topics `service` reads: those of the others that carry something it reacts to.
    package static func subscriptions(of service: ServiceName) -> [Topic] {
        let heard = Set(row(of: service).hears.map(\.trigger.topic))
        return Topic.allCases.filter(heard.contains)
    }

    /// The services that read the topic of `service`.
    package static func subscribers(of service: ServiceName) -> [ServiceName] {
        services.filter { subscriptions(of: $0).contains(service.topic) }
    }

    /// What `service` may say on hearing `trigger`, or unasked.
    package static func mayEmit(_ service: ServiceName, on trigger: EventType?) -> Set<EventType> {
        let row = row(of: service)
        guard let trigger else { return row.unasked }
        return row.hears.first { $0.trigger == trigger }?.mayEmit ?? []
    }

    static let services = rows.map(\.service)

    /// By name, with who says it and who hears it.
    static let events: [String: (event: Event, topic: Topic, listeners: Set<ServiceName>)] = {
        var events: [String: (event: Event, topic: Topic, listeners: Set<ServiceName>)] = [:]
        for row in rows {
            for event in row.says {
                let listeners = rows.filter { $0.hears.contains { $0.trigger == event.type } }.map(\.service)
                let other = events.updateValue((event, row.topic, Set(listeners)), forKey: event.type.rawValue)
                precondition(other == nil, "\(event.type) is said by two participants")
            }
        }
        // Whoever keeps the orders says when one is over; whoever heard of its beginning may hold something of it.
        let began = events[EventType.orderCreated.rawValue]!
        events[epilogue.type.rawValue] = (epilogue, began.topic, began.listeners)
        return events
    }()
}
