import Kafka
import Testing

@testable import SagaRuntime

@Suite struct KafkaHealthTests {
    private let start = ContinuousClock.now
    private let noBroker = "no Kafka broker answers at broker:9092"
    private let cannotJoin = "the consumer group saga-order cannot be joined"

    private func health(_ events: [(seconds: Int, KafkaClient, KafkaEvent)]) -> KafkaHealth {
        var health = KafkaHealth(bootstrapServers: "broker:9092", group: "saga-order", now: start)
        for (seconds, client, event) in events { health.note(event, of: client, now: start + .seconds(seconds)) }
        return health
    }

    private func problems(at seconds: Int, after events: (seconds: Int, KafkaClient, KafkaEvent)...) -> [String] {
        health(events).problems(now: start + .seconds(seconds))
    }

    @Test func `it is connected when both clients are, and says why not as long as one is not`() {
        #expect(problems(at: 0) == [noBroker])
        #expect(problems(at: 1, after: (0, .producer, .connected)) == [noBroker])
        #expect(problems(at: 1, after: (0, .producer, .connected), (0, .consumer, .connected)) == [])
        let outage = problems(
            at: 3, after: (0, .producer, .connected), (0, .consumer, .connected), (1, .consumer, .disconnected(reason: "refused")),
            (2, .producer, .disconnected(reason: "refused")), (3, .producer, .connected))
        #expect(outage == ["\(noBroker): refused"])
    }

    @Test func `a group has ten seconds to admit a member, anew after an outage`() {
        let connected: [(seconds: Int, KafkaClient, KafkaEvent)] = [(0, .producer, .connected), (5, .consumer, .connected)]
        #expect(health(connected).problems(now: start + .seconds(9)) == [])
        #expect(health(connected).problems(now: start + .seconds(10)) == [cannotJoin])
        let admitted = health(connected + [(11, .consumer, .assigned([]))])
        #expect(admitted.problems(now: start + .seconds(60)) == [])
        let outage = health(
            connected + [(20, .consumer, .disconnected(reason: "refused")), (20, .consumer, .revoked([])), (40, .consumer, .connected)])
        #expect(outage.problems(now: start + .seconds(49)) == [])
        #expect(outage.problems(now: start + .seconds(50)) == [cannotJoin])
    }
}
