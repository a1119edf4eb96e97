import Saga

/// The choreography as JSON: for scripts that do something for each participant, and for documentation.
struct ChoreographyDocument: Encodable {
    let participants = Choreography.rows.map(Participant.init)

    struct Participant: Encodable {
        let service: ServiceName
        let topic: String
        let port: Int
        let says: [Event]
        let unasked: [String]
        let hears: [Rule]

        init(_ row: Choreography.Row) {
            service = row.service
            topic = row.topic.rawValue
            port = row.port
            says = row.says.map(Event.init)
            unasked = row.says.map(\.type).filter(row.unasked.contains).map(\.rawValue)
            hears = row.hears.map { rule in
                Rule(type: rule.trigger.rawValue, says: row.says.map(\.type).filter(rule.mayEmit.contains).map(\.rawValue))
            }
        }
    }

    struct Event: Encodable {
        let type: String
        let payload: [Member]

        init(_ event: Choreography.Event) {
            type = event.type.rawValue
            payload = [Member(name: "orderId", kind: "id", values: nil)] + event.members.map(Member.init)
        }
    }

    struct Member: Encodable {
        let name: String
        let kind: String
        let values: [String]?

        init(name: String, kind: String, values: [String]?) {
            self.name = name
            self.kind = kind
            self.values = values
        }

        init(_ member: Choreography.Member) {
            switch member.kind {
            case .id: self.init(name: member.name, kind: "id", values: nil)
            case .number, .user: self.init(name: member.name, kind: "number", values: nil)
            case .reason(let known): self.init(name: member.name, kind: "reason", values: known)
            }
        }
    }

    struct Rule: Encodable {
        let type: String
        let says: [String]
    }
}
