import Kafka
import SagaTestSupport
import Testing

@Suite struct KafkaPropertiesTests {
    static let bootstrap = ["bootstrap.servers": "127.0.0.1:1"]

    @Test(arguments: [
        ["no.such.property": "1"],
        ["linger.ms": "soon"],
        ["linger.ms": "-1"],
        ["session.timeout.ms": "0"],
        ["enable.auto.offset.store": "true"],
        ["group.id": "mine"],
        ["partition.assignment.strategy": "cooperative-sticky"],
        ["compression.type": "rar"],
    ])
    func `a property that cannot be used is refused by name`(properties: [String: String]) throws {
        let name = try #require(properties.keys.first)
        let problems = KafkaProperties.validate(properties.merging(Self.bootstrap) { ours, _ in ours })
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains(name) == true)

        let all = properties.merging(Self.bootstrap) { ours, _ in ours }
        let ofProducer = #expect(throws: KafkaError.self) { try KafkaProducer(properties: all, onDelivery: { _ in }) }
        #expect(ofProducer?.message.contains(name) == true)
        let ofConsumer = #expect(throws: KafkaError.self) {
            try KafkaConsumer(properties: all, group: "g", topics: ["t"], handle: { _ throws(KafkaConsumer.Stop) in })
        }
        #expect(ofConsumer?.message.contains(name) == true)
    }

    @Test(arguments: [
        [:],
        ["compression.type": "lz4", "queue.buffering.max.ms": "5", "fetch.wait.max.ms": "10"],
        ["security.protocol": "ssl", "client.id": "sagad", "statistics.interval.ms": "0"],
    ])
    func `properties of producers and consumers are taken from one set`(properties: [String: String]) throws {
        #expect(KafkaProperties.validate(properties.merging(Self.bootstrap) { ours, _ in ours }) == [])
    }

    @Test func `properties that do not go together are a problem`() {
        let problems = KafkaProperties.validate(["acks": "1"])
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("acks") == true)
    }

    @Test func `every problem is told, not only the first`() {
        #expect(KafkaProperties.validate(["a.b": "1", "c.d": "2", "linger.ms": "x"]).count == 3)
    }

    @Test func `a list of brokers is required`() {
        let error = #expect(throws: KafkaError.self) { try KafkaProducer(properties: [:], onDelivery: { _ in }) }
        #expect(error?.message.contains("bootstrap.servers") == true)
    }

    @Test func `the half that concerns the other kind of client is not warned of`() async throws {
        let consumer = try TestConsumer("127.0.0.1:1", ["linger.ms": "5"])
        let producer = try TestProducer("127.0.0.1:1", ["fetch.wait.max.ms": "5"])
        for events in [consumer.events, producer.events] {
            try await events.wait { $0.disconnections == 1 }
            let warnings = events.state.filter { if case .log(_, let line) = $0 { line.contains("CONFWARN") } else { false } }
            #expect(warnings == [])
        }
        await consumer.end()
    }
}
