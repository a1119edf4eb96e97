import Kafka
import SagaTestSupport
import Testing

/// What a topic's owner asks of the groups that read it.
@Suite struct GroupNotesTests {
    /// An admin request crashes at that through a producer's handle, which has no group to look for the coordinator by.
    @Test(arguments: ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "GROUP_AUTHORIZATION_FAILED"])
    func `a coordinator that refuses is an error, and asked again the next time`(error: String) async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let consumer = try TestConsumer(broker.bootstrapServers)
        try await consumer.events.wait { $0.contains { if case .assigned = $0 { true } else { false } } }
        try await broker.send("errors offset-fetch \(error) 1")
        let refusal = await #expect(throws: KafkaError.self) {
            try await consumer.consumer.notes(of: "others", on: "t", partitions: [0, 1], timeout: .seconds(5))
        }
        #expect(refusal?.isRetriable == (error != "GROUP_AUTHORIZATION_FAILED"))
        #expect(refusal?.isMissingRight == (error == "GROUP_AUTHORIZATION_FAILED"))
        #expect(refusal?.isFatal == false)
        #expect(try await consumer.consumer.notes(of: "others", on: "t", partitions: [0, 1], timeout: .seconds(5)) == [:])
        await consumer.end()
        await #expect(throws: KafkaError.self) {
            try await consumer.consumer.notes(of: "others", on: "t", partitions: [0], timeout: .seconds(5))
        }
    }

    @Test func `a coordinator that is still loading is waited for`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let consumer = try TestConsumer(broker.bootstrapServers)
        try await broker.send("errors offset-fetch COORDINATOR_LOAD_IN_PROGRESS 1")
        #expect(try await consumer.consumer.notes(of: "others", on: "t", partitions: [0, 1], timeout: .seconds(5)) == [:])
        await consumer.end()
    }

    /// An admin request aborts the process at that.
    @Test func `a coordinator that is found after a question was given up does no harm`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2])
        let consumer = try TestConsumer(broker.bootstrapServers)
        try await broker.send("errors find-coordinator COORDINATOR_NOT_AVAILABLE 100000")
        await #expect(throws: KafkaError.self) {
            try await consumer.consumer.notes(of: "others", on: "t", partitions: [0, 1], timeout: .seconds(1))
        }
        try await broker.send("clear find-coordinator")
        #expect(try await consumer.consumer.notes(of: "others", on: "t", partitions: [0, 1], timeout: .seconds(5)) == [:])
        await consumer.end()
    }

    @Test func `what a topic has is told by topic, and one that is not there is not made by that`() async throws {
        let broker = try await MockBrokerProcess(topics: ["t": 2, "u": 3])
        try await broker.send("topic-error u UNKNOWN_TOPIC_OR_PART")
        let consumer = try TestConsumer(broker.bootstrapServers)
        let counts = await consumer.consumer.partitionCounts(of: ["t", "u"], timeout: .seconds(10))
        #expect(try counts["t"]?.get() == 2)
        guard case .failure(let error)? = counts["u"] else {
            Issue.record("not a failure: \(counts)")
            return
        }
        #expect(error.isUnknownTopic)
        await consumer.end()
    }
}
