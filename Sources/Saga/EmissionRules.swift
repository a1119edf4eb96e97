import Wire

/// What one participant may say, held against each event before it is queued: nothing undeclared is ever published.
package struct EmissionRules: Sendable {
    private let service: ServiceName
    private let allowed: [EventType?: Set<EventType>]

    package init(of service: ServiceName) {
        self.service = service
        let row = Choreography.row(of: service)
        allowed = Dictionary(uniqueKeysWithValues: row.hears.map { ($0.trigger, $0.mayEmit) } + [(nil, row.unasked)])
    }

    /// - Parameter trigger: what was heard; nil for what a client or a deadline began.
    package func require(_ event: SagaEvent, on trigger: EventType?) throws(UndeclaredEmission) {
        guard allowed[trigger]?.contains(event.type) == true, event.isAsDeclared else {
            throw UndeclaredEmission(service: service, event: event, trigger: trigger)
        }
    }
}

/// A participant wants to publish what its row does not declare: a mistake in its program.
package struct UndeclaredEmission: Error, Equatable, CustomStringConvertible {
    package let service: ServiceName
    package let event: SagaEvent
    package let trigger: EventType?

    package init(service: ServiceName, event: SagaEvent, trigger: EventType?) {
        self.service = service
        self.event = event
        self.trigger = trigger
    }

    package var description: String {
        "\(service) may not say this \(event.type) \(trigger.map { "on \($0)" } ?? "unasked"): see its row in Choreography"
    }
}

extension SagaEvent {
    /// Its payload has the members of its row.
    fileprivate var isAsDeclared: Bool {
        let declared = Choreography.event(type).members
        return members.count == declared.count
            && zip(members, declared).allSatisfy { member, declared in
                guard member.name == declared.name else { return false }
                return switch (member.value, declared.kind) {
                case (.id, .id): true
                case (.number(let number), .number): (1...JSONObject.largestInteger).contains(number)
                case (.number(let number), .user): (0...JSONObject.largestInteger).contains(number)
                case (.reason(let reason), .reason(let known)): known.contains(reason)
                default: false
                }
            }
    }
}
