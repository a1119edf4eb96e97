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
        ["enable.auto.commit": "true"],
        ["auto.commit.enable": "true"],
        ["offset.store.method": "file"],
        ["group.id": "mine"],
        ["group.instance.id": "mine"],
        ["statistics.interval.ms": "0"],
        ["test.mock.num.brokers": "3"],
        ["enable.idempotence": "false"],
        ["acks": "0"],
        ["acks": "1"],
        ["request.required.acks": "1"],
        ["isolation.level": "read_uncommitted"],
        ["partitioner": "random"],
        ["partition.assignment.strategy": "cooperative-sticky"],
        ["compression.type": "rar"],
    ])
    func `a property that cannot be used is refused by name`(properties: [String: String]) throws {
        let name = try #require(properties.keys.first)
        let problems = KafkaProperties.validate(properties)
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("\"\(name)\"") == true)

        let all = properties.merging(Self.bootstrap) { ours, _ in ours }
        let ofProducer = #expect(throws: KafkaError.self) { try KafkaProducer(properties: all, onDelivery: { _ in }) }
        #expect(ofProducer?.message.contains(name) == true)
        let ofConsumer = #expect(throws: KafkaError.self) {
            try KafkaConsumer(properties: all, group: "g", topics: ["t"], handle: { _ throws(KafkaConsumer.Stop) in [] })
        }
        #expect(ofConsumer?.message.contains(name) == true)
    }

    @Test(arguments: [
        [:],
        ["compression.type": "lz4", "queue.buffering.max.ms": "5", "fetch.wait.max.ms": "10"],
        ["security.protocol": "ssl", "client.rack": "a"],
        ["acks": "ALL", "enable.idempotence": "True", "isolation.level": "read_committed", "partitioner": "consistent"],
        ["security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN", "sasl.username": "saga", "sasl.password": "secret"],
    ])
    func `properties of producers and consumers are taken from one set`(properties: [String: String]) throws {
        #expect(KafkaProperties.validate(properties) == [])
    }

    @Test(arguments: ["bootstrap.servers", "metadata.broker.list", "client.id"])
    func `what has a setting of its own is not overridden`(name: String) {
        let problems = KafkaProperties.validate([name: "127.0.0.1:1"])
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("\"\(name)\"") == true)
    }

    @Test func `properties that do not go together are a problem`() {
        let problems = KafkaProperties.validate(["max.in.flight": "6"])
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("max.in.flight") == true)
    }

    @Test func `authentication needs a mechanism, which is asked for by name`() {
        let problems = KafkaProperties.validate(["security.protocol": "SASL_SSL"])
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("sasl.mechanism") == true)
        #expect(problems.first?.description.contains("Kerberos ticket") == false)
    }

    @Test(arguments: ["PLAIN", "SCRAM-SHA-512"])
    func `a password is missed only where it should have been`(mechanism: String) {
        let properties = ["security.protocol": "sasl_plaintext", "sasl.mechanism": mechanism, "sasl.username": "saga"]
        #expect(KafkaProperties.validate(properties).first?.description.contains("sasl.password") == true)
        #expect(KafkaProperties.validate(properties, hasSecrets: false) == [])
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
