extension Choreography {
    /// One participant.
    package struct Row: Sendable {
        package let service: ServiceName
        /// Where it publishes; it is the only writer. The name is the default one.
        package let topic: Topic
        /// Of its REST interface, where the configuration says nothing.
        package let port: Int
        package let says: [Event]
        /// What it says without having heard something.
        package let unasked: Set<EventType>
        package let hears: [Rule]

        init(
            _ service: ServiceName, topic: String, port: Int, says: [Event], unasked: Set<EventType> = [], hears: [Rule]
        ) {
            self.service = service
            self.topic = Topic(rawValue: topic, owner: service)
            self.port = port
            self.says = says
            self.unasked = unasked
            self.hears = hears
        }
    }

    /// An event type with the members of its payload.
    package struct Event: Sendable {
        package let type: EventType
        /// Those beside `orderId`, which every event has first.
        package let members: [Member]

        init(_ type: EventType, _ members: Member...) {
            self.type = type
            self.members = members
        }
    }

    package struct Member: Sendable {
        package let name: String
        package let kind: Kind

        package enum Kind: Sendable, Equatable {
            case id
            /// From 1 to 2^53−1.
            case number
            /// Likewise, or 0 for a user who was forgotten since.
            case user
            /// One of these.
            case reason([String])
        }

        static func id(_ name: String) -> Member { Member(name: name, kind: .id) }
        static let user = Member(name: "userId", kind: .user)
        static func number(_ name: String) -> Member { Member(name: name, kind: .number) }
        static func reason(_ known: String...) -> Member { Member(name: "reason", kind: .reason(known)) }
    }

    package struct Rule: Sendable {
        package let trigger: EventType
        package let mayEmit: Set<EventType>
    }

    static func on(_ trigger: EventType, says emissions: EventType...) -> Rule {
        Rule(trigger: trigger, mayEmit: Set(emissions))
    }
}
