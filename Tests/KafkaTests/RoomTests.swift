import Kafka
import SagaTestSupport
import Synchronization
import Testing

/// What a handler has no room for waits, and holds up nothing but its own topic.
@Suite struct RoomTests {
    private func isWaiting(_ topics: Set<String>, _ events: [KafkaEvent]) -> Bool {
        let last = events.last { if case .waiting = $0 { true } else { false } }
        return last == .waiting(topics)
    }

    @Test func `a topic without room waits, the others are read on, and nothing of it is lost, repeated or out of order`() async throws {
        let broker = try await MockBrokerProcess(topics: ["full": 2, "free": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let isFull = Mutex(true)
        let consumer = try TestConsumer(
            broker.bootstrapServers, topics: ["full", "free"], limit: .init(messages: 7),
            hasRoom: { $0.topic == "free" || $0.number! < 100 || !isFull.withLock(\.self) })
        try producer.produce(0..<300, keys: 11, to: "full")
        try await consumer.events.wait { isWaiting(["full"], $0) }

        // More than a batch holds, and than is fetched in a moment.
        try producer.produce(0..<1000, keys: 11, to: "free")
        try producer.produce(300..<600, keys: 11, to: "full")
        try await consumer.messages.wait { $0.of("free").contain(all: 0..<1000) }
        #expect(consumer.messages.state.of("full").allSatisfy { $0.number! < 100 })

        isFull.withLock { $0 = false }
        try await consumer.messages.wait { $0.of("full").contain(all: 0..<600) }
        try await consumer.events.wait { isWaiting([], $0) }
        #expect(consumer.messages.state.of("full").count == 600)
        #expect(consumer.messages.state.of("full").areInOrderPerKey)
        await consumer.end()
    }

    @Test func `what waits goes to the member that gets its partition`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let messages = Observed<[KafkaMessage]>([])
        let quick = ["heartbeat.interval.ms": "200", "session.timeout.ms": "3000"]
        let first = try TestConsumer(broker.bootstrapServers, quick, into: messages, hasRoom: { _ in false })
        try producer.produce(0..<100, keys: 11)
        try await first.events.wait { isWaiting(["t"], $0) }

        let second = try TestConsumer(broker.bootstrapServers, quick, into: messages)
        try await second.events.wait { $0.contains { if case .assigned(let share) = $0 { share.count == 1 } else { false } } }
        try await messages.wait { !$0.isEmpty }
        await first.end()
        try await messages.wait { $0.contain(all: 0..<100) }
        #expect(messages.state.areInOrderPerKey)
        await second.end()
    }
}

extension [KafkaMessage] {
    fileprivate func of(_ topic: String) -> [KafkaMessage] { filter { $0.topic == topic } }
}
