/// What is read here of the answer of `GET /config`: the configuration a daemon works by. Durations are as people write them.
package struct EffectiveConfiguration: Codable, Hashable, Sendable {
    package struct Order: Codable, Hashable, Sendable {
        package let deadline: String

        package init(deadline: String) { self.deadline = deadline }
    }

    package struct Payment: Codable, Hashable, Sendable {
        package struct Gateway: Codable, Hashable, Sendable {
            package let kind: String
        }

        package let gateway: Gateway
    }

    package let order: Order
    /// nil where the daemon is of a version that has no gateway but the simulated one.
    package let payment: Payment?

    package init(order: Order) {
        self.order = order
        payment = nil
    }
}
