/// What is read here of the answer of `GET /config`: the configuration a daemon works by. Durations are as people write them.
package struct EffectiveConfiguration: Codable, Hashable, Sendable {
    package struct Order: Codable, Hashable, Sendable {
        package let deadline: String

        package init(deadline: String) { self.deadline = deadline }
    }

    package let order: Order

    package init(order: Order) { self.order = order }
}
