package import Wire

/// The wire form of an event's body: exactly `{"type":"…","payload":{…}}`, the payload with exactly the members of its row where it
/// is written. Where it is read it may have further ones, which a newer version may have written.
extension SagaEvent {
    /// The longest body that is read; a longer one is a dead letter.
    package static let largestBody = 64 * 1024

    package func encoded() -> [UInt8] {
        var text = JSONText()
        text.object {
            $0.member("type", type.rawValue)
            $0.object("payload") { text in
                text.member("orderId", orderID)
                for member in members {
                    switch member.value {
                    case .id(let id): text.member(named: member.name, id)
                    case .number(let number): text.member(named: member.name, number)
                    case .reason(let reason): text.member(named: member.name, reason)
                    }
                }
            }
        }
        return text.bytes
    }

    fileprivate init(_ event: Choreography.Event, payload: JSONObject) throws(JSONError) {
        let orderID: OrderID = try payload.id("orderId")
        var members: [Member] = []
        members.reserveCapacity(event.members.count)
        for member in event.members {
            let value: Member.Value =
                switch member.kind {
                case .id: .id(try payload.id(member.name))
                case .number: .number(try payload.positiveInteger(member.name))
                case .user: .number(try payload.integer(member.name, in: 0...JSONObject.largestInteger))
                case .reason(let known): .reason(try payload.choice(member.name, of: known))
                }
            members.append(Member(name: member.name, value: value))
        }
        self.init(event.type, of: orderID, members)
    }
}

/// What a record's body turned out to be.
package enum DecodedBody: Equatable, Sendable {
    case event(SagaEvent)
    /// A type from a newer version: passed over and counted, never a dead letter.
    case unknownType(String)
}

extension DecodedBody {
    package init(decoding body: some Collection<UInt8>) throws(JSONError) {
        guard body.count <= SagaEvent.largestBody else { throw JSONError("the body has more than 64 KiB") }
        try self.init(JSONObject(parsing: body))
    }

    package init(_ object: JSONObject) throws(JSONError) {
        let name = try object.string("type")
        guard let declared = Choreography.events[name]?.event, declared.type.rawValue.utf8.elementsEqual(name.utf8) else {
            self = .unknownType(name)
            return
        }
        let payload = try object.object("payload")
        try object.requireOnly("type", "payload")
        self = .event(try SagaEvent(declared, payload: payload))
    }
}
