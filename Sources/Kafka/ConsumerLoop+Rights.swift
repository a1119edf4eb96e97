/// What the broker's access control lists forbid the consumer.
extension ConsumerLoop {
    func refuse(_ right: KafkaRight) {
        if refused.insert(right).inserted { onEvent(.refused(right)) }
    }

    func grant(_ right: KafkaRight) {
        if refused.remove(right) != nil { onEvent(.granted(right)) }
    }

    var lacksTopics: Bool {
        refused.contains { if case .topic = $0.resource { true } else { false } }
    }
}
