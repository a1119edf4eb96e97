/// A member of a consumer group, as the group's coordinator describes it.
package struct KafkaGroupMember: Sendable, Equatable, CustomStringConvertible {
    package let clientID: String
    /// The address it came from, as the broker writes it.
    package let host: String
    /// Given by the coordinator, from the name of its place in the group or else from its client id.
    package let memberID: String

    package init(clientID: String, host: String, memberID: String) {
        self.clientID = clientID
        self.host = host
        self.memberID = memberID
    }

    /// Whether it has, or had before it died, the place in the group that goes by this name.
    package func holds(_ instance: String) -> Bool { memberID.hasPrefix("\(instance)-") }

    package var description: String { "client \(clientID) at \(host.drop { $0 == "/" }) (\(memberID))" }
}
