import Kafka
import SagaTestSupport
import Testing

/// What a topic's owner asks of the groups that read it.
@Suite struct GroupNotesTests {
    private func notes(_ broker: MockBrokerProcess, timeout: Duration = .seconds(10)) async throws(KafkaError) -> [Int32: String] {
        try await KafkaGroupNotes.of(
            group: "others", on: "t", partitions: [0, 1], properties: ["bootstrap.servers": broker.bootstrapServers], timeout: timeout)
    }

    @Test(arguments: ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"])
    func `a coordinator that has moved or is not there yet is waited for, or asked again the next time`(error: String) async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        for request in ["find-coordinator", "offset-fetch"] {
            try await broker.send("errors \(request) \(error) 1000")
            let refusal = await #expect(throws: KafkaError.self) { try await notes(broker, timeout: .seconds(1)) }
            #expect(refusal?.isRetriable == true, "\(request): \(String(describing: refusal))")
            try await broker.send("clear \(request)")
            #expect(try await notes(broker) == [:])
        }
    }

    @Test func `a right that is missing is told as that`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        try await broker.send("errors offset-fetch GROUP_AUTHORIZATION_FAILED 1000")
        let refusal = await #expect(throws: KafkaError.self) { try await notes(broker) }
        #expect(refusal?.isMissingRight == true)
    }

    @Test func `what a topic has is told by topic, and one that is not there is not made by that`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2, "u": 3])
        try await broker.send("topic-error u UNKNOWN_TOPIC_OR_PART")
        let producer = try TestProducer(broker.bootstrapServers)
        let counts = await producer.producer.partitionCounts(of: ["t", "u"], timeout: .seconds(10))
        #expect(try counts["t"]?.get() == 2)
        guard case .failure(let error)? = counts["u"] else {
            Issue.record("not a failure: \(counts)")
            return
        }
        #expect(error.isUnknownTopic)
    }
}
