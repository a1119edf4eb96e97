import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing

/// Real daemons over a broker that no longer has what it had: nobody does anything about it but they.
@Suite(.showingLogs) struct KafkaLossTests {
    @Test func `Fault 11, the broker loses everything: it is filled again by the daemons, which say so`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(20)
            try await load.settle()
            suite.broker.terminate()
            try await load.place(5)
            let broker = try await suite.anotherBroker()
            defer { broker.terminate() }
            try await load.place(5)
            try await load.settle()
            for service in ServiceName.allCases {
                #expect(try suite.daemons[service].log.contains("seems to have lost what it had confirmed"))
                try await eventually("\(service) ready", within: .seconds(60)) {
                    try await suite.daemons.status(service)["state"]?.string == "ready" ? () : nil
                }
            }
        }
    }

    /// What a reader remembers is a place that exists, in another log than it knew.
    @Test func `Fault 11, a topic is made anew and grows past the place that was reached: it is read from its beginning`() async throws {
        try await KafkaSuite.run(.patient().partitions(1)) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            // A consumer is sure of its place after a second, and what it has come to is saved with a later commit.
            let end = ContinuousClock.now + .seconds(4)
            while ContinuousClock.now < end {
                try await load.place(1)
                try await load.settle()
            }
            #expect(try await suite.daemons[.inventory].stop() == .code(0))
            suite.broker.terminate()
            // They come first in the new topics: no record is where it was.
            try await load.place(5)
            let broker = try await suite.anotherBroker(partitions: 1)
            defer { broker.terminate() }
            try await suite.filled(again: .order)
            let inventory = try await suite.daemons.start(.inventory)
            try await load.settle()
            #expect(inventory.log.contains("is another one than before"))
        }
    }

    /// The mock cluster keeps 5 MiB of a partition.
    @Test func `Fault 12, a topic is trimmed past the place that was reached: an alarm, and its owner publishes again`() async throws {
        try await KafkaSuite.run(.patient().partitions(1)) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(5)
            try await load.settle()
            #expect(try await suite.daemons[.inventory].stop() == .code(0))
            try await load.place(5)
            try await suite.daemons.drained(.order)
            let padding = #"{"type":"PADDING","payload":{"text":"\#(String(repeating: "x", count: 60_000))"}}"#
            for _ in 1...100 {
                let id = KafkaHeader("ce_id", Array(UUID().uuidString.lowercased().utf8))
                try await suite.client.put(Array(padding.utf8), on: .order, key: "padding", headers: [id])
            }
            let inventory = try await suite.daemons.start(.inventory)
            try await eventually("the alarm") { inventory.log.contains("were deleted before they were read") ? () : nil }
            try await load.settle()
            #expect(try suite.daemons[.order].log.contains("saga-inventory/0 of order-events: missing"))
        }
    }
}

extension KafkaSuite {
    /// Another broker in the place of one that is gone, with topics that have nothing in them.
    fileprivate func anotherBroker(partitions: Int = 3) async throws -> MockBrokerProcess {
        let port = try #require(broker.bootstrapServers.split(separator: ":").last.flatMap { Int($0) })
        let topics = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0.rawValue, partitions) })
        return try await eventually("the port") { try await MockBrokerProcess(topics: topics, port: port) }
    }

    /// Returns when the daemon has noticed the loss and published again what was lost.
    fileprivate func filled(again service: ServiceName) async throws {
        let daemon = try daemons[service]
        try await eventually("\(service) notices") { daemon.log.contains("seems to have lost what it had confirmed") ? () : nil }
        try await eventually("\(service) has published again", within: .seconds(60)) {
            try await daemons.status(service)["state"]?.string == "ready" ? () : nil
        }
    }
}

extension KafkaSuite.Settings {
    fileprivate func partitions(_ count: Int) -> Self {
        var settings = self
        settings.partitions = count
        return settings
    }
}
