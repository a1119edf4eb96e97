/// A right that a broker's access control lists give or refuse, in the words of Kafka's own tool for them.
package struct KafkaRight: Sendable, Hashable, CustomStringConvertible {
    package enum Operation: String, Sendable {
        case create = "Create"
        case describe = "Describe"
        case read = "Read"
        case write = "Write"
    }

    package enum Resource: Sendable, Hashable {
        case topic(String)
        case group(String)
    }

    package let operation: Operation
    package let resource: Resource

    package init(_ operation: Operation, _ resource: Resource) {
        self.operation = operation
        self.resource = resource
    }

    package var description: String {
        switch resource {
        case .topic(let name): "\(operation.rawValue) on topic \(name)"
        case .group(let name): "\(operation.rawValue) on group \(name)"
        }
    }

    /// The options of kafka-acls.sh that name it.
    package var options: String {
        switch resource {
        case .topic(let name): "--operation \(operation.rawValue) --topic \(name)"
        case .group(let name): "--operation \(operation.rawValue) --group \(name)"
        }
    }
}
