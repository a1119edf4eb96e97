import Kafka
import SagaTestSupport
import Testing

@Suite struct KafkaAdminTests {
    @Test func `a broker that cannot create topics is recognized quickly`() async throws {
        let broker = try await MockBrokerProcess()
        let outcomes = try await KafkaAdmin.createTopics(
            properties: ["bootstrap.servers": broker.bootstrapServers], [("a", 3), ("b", 1)], timeout: .seconds(10))
        #expect(outcomes == ["a": .unsupported, "b": .unsupported])
    }

    @Test(.timeLimit(.minutes(1))) func `without a broker it fails after the timeout`() async throws {
        let outcomes = try await KafkaAdmin.createTopics(
            properties: ["bootstrap.servers": "127.0.0.1:1"], [("a", 3)], timeout: .milliseconds(500))
        guard case .failed(let error)? = outcomes["a"] else {
            Issue.record("not a failure: \(outcomes)")
            return
        }
        #expect(error.isRetriable)
    }

    @Test func `properties that are wrong are refused`() async {
        let error = await #expect(throws: KafkaError.self) {
            try await KafkaAdmin.createTopics(
                properties: ["bootstrap.servers": "127.0.0.1:1", "no.such": "1"], [("a", 3)], timeout: .seconds(1))
        }
        #expect(error?.message.contains("no.such") == true)
    }
}
