package import Wire

/// Something that happened to an order, as it goes over the wire.
///
/// One that was read has exactly the members that its row declares. Participants make those they say with factories of their own, and
/// read those they hear into their own terms (`HeardEvent`).
package struct SagaEvent: Hashable, Sendable {
    package let type: EventType
    /// The key: all events of one order are in one partition, in order.
    package let orderID: OrderID
    /// What the payload has beside the order's id, in the order of the row.
    package let members: [Member]

    package init(_ type: EventType, of orderID: OrderID, _ members: Member...) {
        self.init(type, of: orderID, members)
    }

    package init(_ type: EventType, of orderID: OrderID, _ members: [Member]) {
        self.type = type
        self.orderID = orderID
        self.members = members
    }

    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: Value

        package enum Value: Hashable, Sendable {
            case id(ID<Never>)
            case number(Int64)
            case reason(String)
        }

        package static func id<Entity>(_ name: String, _ id: ID<Entity>) -> Member { Member(name: name, value: .id(ID(bits: id.bits))) }
        package static func number(_ name: String, _ number: Int64) -> Member { Member(name: name, value: .number(number)) }
        package static func reason(_ reason: some RawRepresentable<String>) -> Member {
            Member(name: "reason", value: .reason(reason.rawValue))
        }
    }
}

extension SagaEvent {
    /// The same, without saying of whom it is.
    package var withoutUser: SagaEvent {
        let declared = Choreography.event(type).members
        let members = zip(members, declared).map { member, declared in
            declared.kind == .user ? Member.number(member.name, SagaEvent.forgottenUser) : member
        }
        return SagaEvent(type, of: orderID, members)
    }

    /// Stands where a user was who is forgotten.
    package static let forgottenUser: Int64 = 0
}

/// The members by name. To ask for one that the row does not declare is a mistake in the program, which the check of a participant's
/// `HeardEvent` against its row finds when the daemon starts.
extension SagaEvent {
    package func id<Entity>(_ name: String) -> ID<Entity> {
        guard case .id(let id)? = self[name] else { undeclared(name) }
        return ID(bits: id.bits)
    }

    package func number(_ name: String) -> Int64 {
        guard case .number(let number)? = self[name] else { undeclared(name) }
        return number
    }

    /// Why, where the payload says so: one of the reasons in the row.
    package var reason: String? {
        if case .reason(let reason)? = self["reason"] { reason } else { nil }
    }

    private subscript(name: String) -> Member.Value? {
        members.first { $0.name == name }?.value
    }

    private func undeclared(_ name: String) -> Never {
        preconditionFailure("\(type) has no such \(name): see its row in Choreography")
    }
}
