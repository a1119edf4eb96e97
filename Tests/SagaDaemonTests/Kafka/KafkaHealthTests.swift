import Kafka
import Testing

@testable import KafkaTransport

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
        #expect(problems(at: 2) == [])
        #expect(problems(at: 3) == [noBroker])
        #expect(problems(at: 3, after: (0, .producer, .connected)) == [noBroker])
        #expect(problems(at: 1, after: (0, .producer, .connected), (0, .consumer, .connected)) == [])
        let outage = problems(
            at: 3, after: (0, .producer, .connected), (0, .consumer, .connected), (1, .consumer, .disconnected(reason: "refused")),
            (2, .producer, .disconnected(reason: "refused")), (3, .producer, .connected))
        #expect(outage == ["\(noBroker): refused"])
    }

    @Test func `topics that wait for room are named one by one, as long as they wait`() {
        let connected: [(Int, KafkaClient, KafkaEvent)] = [
            (0, .producer, .connected), (0, .consumer, .connected), (0, .consumer, .assigned([])),
        ]
        let waiting = problems(at: 5, after: connected[0], connected[1], connected[2], (1, .consumer, .waiting(["b", "a"])))
        #expect(waiting == ["a", "b"].map { "no more of \($0) is read, so many dead letters wait: sagactl dead-letters" })
        #expect(
            problems(at: 5, after: connected[0], connected[1], connected[2], (1, .consumer, .waiting(["a"])), (2, .consumer, .waiting([])))
                == [])
    }

    @Test func `a broker that has answered before the group is joined is there for both clients`() {
        var health = health([(1, .producer, .disconnected(reason: "refused"))])
        health.reached(now: start + .seconds(20))
        #expect(health.isConnected)
        #expect(health.problems(now: start + .seconds(27)) == [])
        #expect(health.problems(now: start + .seconds(28)) == [cannotJoin])
    }

    @Test func `what can be mended about a connection is said, with the library's own words, until there is one`() {
        let refused = KafkaError(code: -169, message: "SASL authentication error: Authentication failed")
        let away = KafkaError(code: -195, message: "Connection refused")
        let events: [(seconds: Int, KafkaClient, KafkaEvent)] = [
            (0, .producer, .error(away)), (1, .producer, .error(refused)), (1, .producer, .error(away)),
            (2, .producer, .disconnected(reason: "1/1 brokers are down")),
        ]
        let problem = health(events).problems(now: start + .seconds(2)).first ?? ""
        #expect(problem.contains("sasl.username") && problem.contains("Authentication failed"), "\(problem)")
        #expect(problems(at: 3, after: events[0], events[3]).first?.contains("Connection refused") == true)
        var mended = health(events)
        mended.reached(now: start + .seconds(3))
        mended.note(.disconnected(reason: "gone"), of: .producer, now: start + .seconds(4))
        #expect(mended.problems(now: start + .seconds(4)) == ["\(noBroker): gone"])
    }

    @Test func `joining is given up after half a minute with a broker, and never while there is none`() {
        let joining = health([(0, .producer, .connected), (5, .consumer, .connected)])
        #expect(joining.untilGivenUp(now: start + .seconds(20)) == .seconds(10))
        #expect(joining.untilGivenUp(now: start + .seconds(31)) == .zero)
        #expect(health([]).untilGivenUp(now: start + .seconds(60)) > .zero)
        let joined = health([(0, .consumer, .connected), (1, .consumer, .assigned([]))])
        #expect(joined.untilGivenUp(now: start + .seconds(60)) > .zero)
    }

    @Test func `a group has eight seconds to admit a member, anew after an outage`() {
        let connected: [(seconds: Int, KafkaClient, KafkaEvent)] = [(0, .producer, .connected), (5, .consumer, .connected)]
        #expect(health(connected).problems(now: start + .seconds(7)) == [])
        #expect(health(connected).problems(now: start + .seconds(8)) == [cannotJoin])
        let admitted = health(connected + [(11, .consumer, .assigned([]))])
        #expect(admitted.problems(now: start + .seconds(60)) == [])
        let outage = health(
            connected + [(20, .consumer, .disconnected(reason: "refused")), (20, .consumer, .revoked([])), (40, .consumer, .connected)])
        #expect(outage.problems(now: start + .seconds(47)) == [])
        #expect(outage.problems(now: start + .seconds(48)) == [cannotJoin])
    }
}
