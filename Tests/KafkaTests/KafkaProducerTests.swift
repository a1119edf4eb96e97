import CRdkafka
import SagaTestSupport
import Synchronization
import Testing

@testable import Kafka

@Suite struct KafkaProducerTests {
    @Test func `every record gets one delivery report, with its token`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 3])
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<1000)
        try await producer.waitUntilDelivered(1000)
        let deliveries = producer.deliveries.state
        #expect(deliveries.map(\.token).sorted() == (0..<1000).map(Int64.init))
        #expect(deliveries.allSatisfy { $0.error == nil && (0..<3).contains($0.partition) && $0.offset >= 0 })
        #expect(producer.events.state.connections == 1)
        await producer.producer.close(flushTimeout: .seconds(1))
    }

    @Test(arguments: ["NOT_LEADER_FOR_PARTITION", "NOT_ENOUGH_REPLICAS", "_TRANSPORT"])
    func `a produce request that fails is tried again, and order is kept`(error: String) async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<100)
        try await broker.send("errors produce \(error) 3")
        try producer.produce(100..<2000)
        try await producer.waitUntilDelivered(2000)

        let consumer = try TestConsumer(broker.bootstrapServers)
        try await consumer.messages.wait { $0.contain(all: 0..<2000) }
        #expect(consumer.messages.state.areInOrderPerKey)
        await consumer.end()
        await producer.producer.close(flushTimeout: .zero)
    }

    @Test func `a broker that goes and comes back is reported, and everything arrives in order`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<500)
        try await producer.events.wait { $0.isConnectedNow }
        try await broker.send("down 1")
        try producer.produce(500..<1000)
        try await producer.events.wait { $0.disconnections == 1 }
        try producer.produce(1000..<1500)
        try await broker.send("up 1")
        try await producer.events.wait { $0.isConnectedNow }
        try await producer.waitUntilDelivered(1500)
        #expect(producer.events.state.disconnections == 1)

        let consumer = try TestConsumer(broker.bootstrapServers)
        try await consumer.messages.wait { $0.contain(all: 0..<1500) }
        #expect(consumer.messages.state.areInOrderPerKey)
        await consumer.end()
    }

    @Test func `an idle producer notices that the broker went and came back`() async throws {
        let broker = try await MockBrokerProcess()
        let producer = try TestProducer(broker.bootstrapServers)
        try await producer.events.wait { $0.isConnectedNow }
        try await broker.send("down 1")
        try await producer.events.wait { $0.disconnections == 1 }
        try await broker.send("up 1")
        try await producer.events.wait { $0.connections == 2 }
        #expect(producer.events.state.isConnectedNow)
    }

    @Test func `a lost acknowledgement may double a record on the topic, but not in the reports`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 1])
        let producer = try TestProducer(broker.bootstrapServers, ["socket.timeout.ms": "1000"])
        try producer.produce(0..<1)
        try await producer.waitUntilDelivered(1)
        try await broker.send("delay produce 1 3000 1")
        try producer.produce(1..<200)
        try await producer.waitUntilDelivered(200)
        #expect(producer.deliveries.state.map(\.token).sorted() == (0..<200).map(Int64.init))

        let consumer = try TestConsumer(broker.bootstrapServers)
        // The mock broker does not de-duplicate, which shows that the first attempt was written.
        try await consumer.messages.wait { $0.contain(all: 0..<200) && $0.count > 200 }
        #expect(consumer.messages.state.areInOrderPerKey)
        await consumer.end()
    }

    @Test func `Fault 18, fatal producer error: reported and thrown from then on, and a new producer carries on`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 1])
        let first = try TestProducer(broker.bootstrapServers)
        try first.produce(0..<10)
        try await first.waitUntilDelivered(10)
        try await broker.send("rtt 1 2000")
        try first.produce(10..<20)
        first.producer.raiseFatalError(code: 45, reason: "out of order")
        try await first.events.wait { $0.contains { if case .fatal(let error) = $0 { error.code == 45 } else { false } } }
        let error = #expect(throws: KafkaError.self) { try first.produce(20..<21) }
        #expect(error?.isFatal == true)
        #expect(error?.isRetriable == false)

        // With records in flight.
        let closing = ContinuousClock.now
        await first.producer.close(flushTimeout: .zero)
        #expect(closing.duration(to: .now) < .seconds(20))
        #expect(first.deliveries.state.count == 20)

        try await broker.send("rtt 1 0")
        let second = try TestProducer(broker.bootstrapServers)
        try second.produce(10..<21)
        try await second.waitUntilDelivered(11)
    }

    @Test func `a full queue is recognizable, and produce never waits for room`() async throws {
        let producer = try TestProducer("127.0.0.1:1", ["queue.buffering.max.messages": "10"])
        let error = #expect(throws: KafkaError.self) { try producer.produce(0..<11) }
        #expect(error?.isQueueFull == true)
        #expect(error?.isRetriable == true)
        await producer.producer.close(flushTimeout: .zero)
        #expect(producer.deliveries.state.count == 10)
        #expect(producer.deliveries.state.allSatisfy { $0.error != nil })
    }

    @Test func `without a broker it is made, says so, and closes without waiting`() async throws {
        let started = ContinuousClock.now
        let producer = try TestProducer("127.0.0.1:1")
        #expect(started.duration(to: .now) < .seconds(10))
        try producer.produce(0..<3)
        try await producer.events.wait { $0.disconnections == 1 }

        let closing = ContinuousClock.now
        await producer.producer.close(flushTimeout: .milliseconds(200))
        // Records wait for a broker for minutes.
        #expect(closing.duration(to: .now) < .seconds(30))
        #expect(producer.deliveries.state.map(\.token).sorted() == [0, 1, 2])
        #expect(producer.deliveries.state.allSatisfy { $0.error?.isRetriable == true })
        #expect(producer.events.state.connections == 0)

        let error = #expect(throws: KafkaError.self) { try producer.produce(3..<4) }
        #expect(error?.isClosed == true)
        await producer.producer.close(flushTimeout: .seconds(5))
    }

    @Test func `a producer that is let go frees itself`() async throws {
        let deliveries = Observed<[KafkaDelivery]>([])
        do {
            let producer = try KafkaProducer(
                properties: ["bootstrap.servers": "127.0.0.1:1"], onDelivery: { deliveries.append(contentsOf: $0) })
            try producer.produce(.numbered(7, keys: 1), token: 7)
        }
        try await deliveries.wait { $0.map(\.token) == [7] }
    }
}

extension KafkaProducer {
    /// As the library would raise one.
    fileprivate func raiseFatalError(code: Int32, reason: String) {
        loop.shared.withLock { shared in
            guard let handle = shared.handle else { return }
            _ = rd_kafka_test_fatal_error(handle.pointer, rd_kafka_resp_err_t(rawValue: code), reason)
        }
    }
}
