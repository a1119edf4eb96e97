import Glibc
import Kafka
import SagaTestSupport
import Synchronization
import Testing

@Suite struct KafkaConsumerTests {
    @Test func `records arrive with key, value and headers, in order per key across partitions`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 4])
        let producer = try TestProducer(broker.bootstrapServers)
        let consumer = try TestConsumer(broker.bootstrapServers)
        try producer.produce(0..<1000, keys: 17)
        let record = KafkaRecord(
            topic: "t", key: [0, 1, 255], value: [],
            headers: [.init("type", Array("PING".utf8)), .init("empty", []), .init("missing", nil), .init("type", [0, 9])])
        try producer.producer.produce(record, token: 1000)
        try await consumer.messages.wait { $0.count >= 1001 }

        let messages = consumer.messages.state
        #expect(messages.count == 1001)
        #expect(messages.contain(all: 0..<1000))
        #expect(messages.areInOrderPerKey)
        #expect(Set(messages.map(\.partition)).count == 4)
        let received = try #require(messages.first { $0.key == record.key })
        #expect(received.value == [])
        #expect(received.headers == record.headers)
        #expect(received.timestamp != nil)
        #expect(consumer.events.state.isConnectedNow || consumer.events.state.disconnections == 0)
        await consumer.end()
    }

    @Test(.timeLimit(.minutes(1))) func `it tells that it polls, without a broker and once it has stopped too`() async throws {
        let consumer = try KafkaConsumer(properties: ["bootstrap.servers": "127.0.0.1:1"], group: "g", topics: ["t"]) { _ in [] }
        consumer.start()
        await consumer.waitUntilPolled()
        await consumer.waitUntilPolled()
        consumer.stop()
        await consumer.waitUntilStopped()
        await consumer.waitUntilPolled()
    }

    @Test func `a batch whose handler stops comes again, and what was handled does not`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 1])
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<100, keys: 1)
        try await producer.waitUntilDelivered(100)

        let first = try TestConsumer(broker.bootstrapServers, limit: .init(messages: 10)) { batch throws(KafkaConsumer.Stop) in
            if batch.contains(where: { $0.number == 50 }) { throw KafkaConsumer.Stop() }
        }
        await first.consumer.waitUntilStopped()
        let handled = first.messages.state.compactMap(\.number)
        #expect(handled == Array(0..<handled.count))
        #expect(handled.count <= 50)

        let bookmark = KafkaBookmark(offset: Int64(handled.count - 1), identity: nil)
        let second = try TestConsumer(broker.bootstrapServers, bookmarks: [KafkaPartition(topic: "t", partition: 0): bookmark])
        try await second.messages.wait { $0.contain(all: handled.count..<100) }
        #expect(second.messages.state.compactMap(\.number) == Array(handled.count..<100))
        await second.end()
    }

    @Test func `two members of a group share the partitions and lose nothing when one joins and leaves`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 4])
        let producer = try TestProducer(broker.bootstrapServers)
        let messages = Observed<[KafkaMessage]>([])
        let first = try TestConsumer(broker.bootstrapServers, limit: .init(messages: 7), into: messages)
        try producer.produce(0..<500, keys: 40)
        try await messages.wait { $0.contain(all: 0..<500) }

        let second = try TestConsumer(broker.bootstrapServers, limit: .init(messages: 7), into: messages)
        try producer.produce(500..<1000, keys: 40)
        try await second.events.wait { $0.contains { if case .assigned(let share) = $0 { share.count == 2 } else { false } } }
        #expect(first.events.state.contains { if case .revoked(let share) = $0 { share.count == 4 } else { false } })
        try producer.produce(1000..<1500, keys: 40)
        try await messages.wait { $0.contain(all: 0..<1500) }

        await first.end()
        try producer.produce(1500..<2000, keys: 40)
        try await messages.wait { $0.contain(all: 0..<2000) }
        #expect(messages.state.areInOrderPerKey)
        await second.end()
    }

    @Test func `Fault 20, rebalance in the middle of a batch: partitions are given away only when the handler has returned`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let mayGoOn = Mutex(false)
        let log = Observed<[String]>([])
        let messages = Observed<[KafkaMessage]>([])
        let first = try KafkaConsumer(
            properties: ["bootstrap.servers": broker.bootstrapServers, "fetch.wait.max.ms": "10"], group: "g", topics: ["t"],
            onEvent: { if case .revoked = $0 { log.append("revoked") } },
            handle: { batch throws(KafkaConsumer.Stop) in
                log.append("begin")
                while !mayGoOn.withLock({ $0 }) { usleep(10_000) }
                messages.append(contentsOf: batch)
                log.append("end")
                return []
            })
        first.start()
        try producer.produce(0..<1)
        try await log.wait { $0 == ["begin"] }
        // While it is busy it fetches ahead, and another member joins.
        try producer.produce(1..<100)
        try await producer.waitUntilDelivered(100)
        let second = try TestConsumer(broker.bootstrapServers, into: messages)
        // Nothing tells that the rebalance has begun, as only a poll would: heartbeats bring it within two seconds.
        try await Task.sleep(for: .seconds(3))
        #expect(log.state == ["begin"])
        mayGoOn.withLock { $0 = true }

        try await log.wait { $0.contains("revoked") }
        #expect(log.state.prefix { $0 != "revoked" }.last == "end")
        try await messages.wait { $0.contain(all: 0..<100) }
        first.stop()
        await first.waitUntilStopped()
        await second.end()
    }

    @Test func `a topic that does not exist yet is an event, and found soon after it was created`() async throws {
        // The mock broker creates whatever it is asked for, so it has to be told to deny it.
        let broker = try await MockBrokerProcess(topics: ["t": 1, "later": 2])
        try await broker.send("topic-error later UNKNOWN_TOPIC_OR_PART")
        let consumer = try TestConsumer(broker.bootstrapServers, topics: ["t", "later"])
        try await consumer.events.wait { $0.contains { if case .error(let error) = $0 { error.code == 3 } else { false } } }
        try await consumer.events.wait { $0.contains { if case .assigned(let share) = $0 { share.count == 1 } else { false } } }
        try await broker.send("topic-error later 0")
        // About a second to find it and some for the group's waiting for members; librdkafka by itself looks again after five minutes.
        try await consumer.events.wait(within: .seconds(60)) {
            $0.contains { if case .assigned(let share) = $0 { share.count == 3 } else { false } }
        }
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<10, to: "later")
        try await consumer.messages.wait { $0.contain(all: 0..<10) }
        await consumer.end()
    }

    @Test func `without a broker it is made, says so, and stops`() async throws {
        let consumer = try TestConsumer("127.0.0.1:1")
        try await consumer.events.wait { $0.disconnections == 1 }
        #expect(!consumer.consumer.isAssigned)
        #expect(consumer.consumer.lags() == nil)
        let stopping = ContinuousClock.now
        await consumer.end()
        #expect(stopping.duration(to: .now) < .seconds(20))
    }

    @Test func `a broker that goes and comes back is reported, and reading goes on where it was`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let consumer = try TestConsumer(broker.bootstrapServers)
        try producer.produce(0..<100)
        try await consumer.messages.wait { $0.count == 100 }
        try await consumer.events.wait { $0.isConnectedNow }
        try await broker.send("down 1")
        try await consumer.events.wait { $0.disconnections == 1 }
        try producer.produce(100..<200)
        try await broker.send("up 1")
        try await consumer.events.wait { $0.connections == 2 }
        try await consumer.messages.wait { $0.contain(all: 0..<200) }
        #expect(consumer.messages.state.areInOrderPerKey)
        await consumer.end()
    }

    @Test func `stopping while the broker is away does not wait for it`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let consumer = try TestConsumer(broker.bootstrapServers)
        try producer.produce(0..<100)
        try await consumer.messages.wait { $0.count == 100 }
        try await broker.send("down 1")
        try await consumer.events.wait { $0.disconnections == 1 }
        let stopping = ContinuousClock.now
        await consumer.end()
        #expect(stopping.duration(to: .now) < .seconds(20))
    }

    @Test func `the lag is what is on the topic and not handled`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let producer = try TestProducer(broker.bootstrapServers)
        let mayGoOn = Mutex(false)
        let consumer = try TestConsumer(broker.bootstrapServers)
        try await consumer.events.wait { $0.contains { if case .assigned = $0 { true } else { false } } }
        #expect(consumer.consumer.isAssigned)
        try producer.produce(0..<100)
        try await consumer.messages.wait { $0.count == 100 }
        #expect(await eventually { consumer.consumer.lags() == ["t": 0] })
        await consumer.end()
        #expect(consumer.consumer.lags() == nil)

        try producer.produce(100..<130)
        try await producer.waitUntilDelivered(130)
        let slow = try TestConsumer(broker.bootstrapServers, limit: .init(messages: 1)) { _ in
            while !mayGoOn.withLock({ $0 }) { usleep(10_000) }
        }
        // One is in hand, so the thread learns no more than it knew: the rest shows when it goes on.
        #expect(slow.consumer.lags() == nil || slow.consumer.lags() == ["t": 30])
        mayGoOn.withLock { $0 = true }
        try await slow.messages.wait { $0.contain(all: 100..<130) }
        #expect(await eventually { slow.consumer.lags() == ["t": 0] })
        await slow.end()
    }

    @Test func `Fault 12, topic trimmed past the committed offset: reported, never skipped silently`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 1])
        let producer = try TestProducer(broker.bootstrapServers)
        try producer.produce(0..<5, keys: 1)
        let first = try TestConsumer(broker.bootstrapServers)
        try await first.messages.wait { $0.count == 5 }
        await first.end()

        // The mock broker keeps 5 MiB per partition.
        for token in 5..<20 {
            let record = KafkaRecord(topic: "t", key: [1], value: [UInt8](repeating: 65, count: 900_000))
            try producer.producer.produce(record, token: Int64(token))
        }
        try await producer.waitUntilDelivered(20)

        let second = try TestConsumer(broker.bootstrapServers)
        let lost = KafkaPartition(topic: "t", partition: 0)
        try await second.events.wait {
            $0.contains { if case .discontinuity(lost, .trimmed(let missing)) = $0 { !missing.isEmpty } else { false } }
        }
        try await second.messages.wait { $0.last?.offset == 19 }
        await second.end()
    }
}
