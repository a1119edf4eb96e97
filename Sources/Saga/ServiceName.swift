/// The three participants. Raw values are the names used in paths, units, configuration, logs and on the wire.
///
/// The order of the cases is the order in which people are shown them everywhere.
package enum ServiceName: String, Codable, CaseIterable, Sendable, Comparable {
    case order, inventory, payment

    /// The topic this service publishes to. It is the only writer of it.
    package var topic: Topic {
        switch self {
        case .order: .order
        case .inventory: .inventory
        case .payment: .payment
        }
    }

    private var position: Int {
        switch self {
        case .order: 0
        case .inventory: 1
        case .payment: 2
        }
    }

    package static func < (a: ServiceName, b: ServiceName) -> Bool {
        a.position < b.position
    }
}

/// An event stream with one writing service. Raw values are the default topic names in Kafka.
package enum Topic: String, CaseIterable, Sendable {
    case order = "order-events"
    case inventory = "inventory-events"
    case payment = "payment-events"

    package var owner: ServiceName {
        switch self {
        case .order: .order
        case .inventory: .inventory
        case .payment: .payment
        }
    }
}
