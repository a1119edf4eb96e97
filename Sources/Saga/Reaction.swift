package import Wire

/// What a participant makes of one input: a value, for late and repeated inputs too. The durable shell saves the state and queues
/// the emissions in one transaction.
package struct Reaction<State: Equatable & Sendable>: Equatable, Sendable {
    package var outcome: ReactionOutcome
    /// To be saved; nil where nothing changed.
    package var state: State?
    package var transition: Transition?
    package var emissions: [Emission]

    package init(outcome: ReactionOutcome, state: State?, transition: Transition?, emissions: [Emission]) {
        self.outcome = outcome
        self.state = state
        self.transition = transition
        self.emissions = emissions
    }

    package static func applied(_ state: State, _ transition: Transition? = nil, emitting emissions: Emission...) -> Reaction {
        Reaction(outcome: .applied, state: state, transition: transition, emissions: emissions)
    }

    /// The input repeats what was already answered; the first answer is given again, under its first id.
    package static func alreadyApplied(answering emissions: Emission...) -> Reaction {
        Reaction(outcome: .alreadyApplied, state: nil, transition: nil, emissions: emissions)
    }

    package static var notApplicable: Reaction {
        Reaction(outcome: .notApplicable, state: nil, transition: nil, emissions: [])
    }

    /// The same reaction of a larger state.
    package func map<Whole>(_ transform: (State) -> Whole) -> Reaction<Whole> {
        Reaction<Whole>(outcome: outcome, state: state.map(transform), transition: transition, emissions: emissions)
    }
}

package enum ReactionOutcome: Equatable, Sendable {
    case applied, alreadyApplied, notApplicable
}

/// A change of a participant's visible status. There is no `from` where the order was not known before.
package struct Transition: Equatable, Sendable, CustomStringConvertible {
    package var from: String?
    package var to: String

    package init(from: String?, to: String) {
        self.from = from
        self.to = to
    }

    package var description: String { "\(from ?? "")→\(to)" }
}

/// An event to be published, under the id it carries for ever.
package struct Emission: Equatable, Sendable {
    package var id: EventID
    package var event: SagaEvent

    package init(_ event: SagaEvent, id: EventID) {
        self.id = id
        self.event = event
    }
}

/// The clock and the ids a decision may use. The caller passes them in, so that the same inputs make the same decision.
package struct DecisionContext: Sendable {
    package let now: Timestamp
    package private(set) var ids: IDGenerator

    package init(now: Timestamp, ids: IDGenerator) {
        self.now = now
        self.ids = ids
    }

    package mutating func newID<Entity>() -> ID<Entity> {
        ids.next(at: now)
    }

    package mutating func emission(_ event: SagaEvent) -> Emission {
        Emission(event, id: newID())
    }
}
