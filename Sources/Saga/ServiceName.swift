/// The three participants. Raw values are the names used in paths, units, configuration and logs.
package enum ServiceName: String, CaseIterable, Sendable, Comparable {
    case order, inventory, payment

    /// The topic this service publishes to. It is the only writer of it.
    package var topic: Topic {
        switch self {
        case .order: .order
        case .inventory: .inventory
        case .payment: .payment
        }
    }

    package static func < (a: ServiceName, b: ServiceName) -> Bool {
        a.rawValue < b.rawValue
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
