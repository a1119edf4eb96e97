import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// Brokers that fail, answer too late, go away and come back; members that come and go.
@Suite(.showingLogs) struct KafkaFaultTests {
    @Test func `Fault 13, written, but the acknowledgement is lost: a duplicate on the topic, one effect`() async throws {
        try await KafkaSuite.run(.patient(["socket.timeout.ms": "1000"])) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(10)
            for fault in ["errors produce NOT_LEADER_FOR_PARTITION 3", "errors produce _TRANSPORT 3", "delay produce 1 2500 3"] {
                try await suite.broker.send(fault)
                try await load.place(20)
            }
            try await load.settle()
            // What was written although its acknowledgement was lost lies there twice.
            try await suite.tap.events.wait(for: "doubled record") { all in Set(all.map(\.id)).count < all.count ? () : nil }
        }
    }

    @Test func `Faults 9 and 10, broker down at start: READY, degraded, orders up to the limit, then 503; told in order when it comes`()
        async throws
    {
        var settings = KafkaSuite.Settings.patient()
        settings.brokerIsUp = false
        settings.daemons.backlogLimit = 10
        try await KafkaSuite.run(settings) { suite in
            let daemons = suite.daemons
            try await daemons.start(ServiceName.allCases)
            for service in ServiceName.allCases {
                let status = try await daemons.status(service)
                #expect(status["state"]?.string == "degraded")
                #expect(status["transport"]?["connected"] == .bool(false))
                let ready = try await daemons.rest(service).get("/readyz")
                #expect(ready.status == 200)
                #expect(try ready.json["reasons"]?.array?.isEmpty == false)
            }
            #expect(try await daemons.sagactl("status").exit == .code(1))

            var orders: [String] = []
            for _ in 0...10 { orders.append(try await daemons.place()) }
            let refused = try await daemons.rest(.order).post("/orders", json: OrderLoad.Wanted().body)
            #expect(refused.status == 503)
            #expect(refused["Retry-After"].flatMap { Int($0) } != nil)
            let canceled = try await daemons.rest(.order).post("/orders/\(orders[0])/cancel")
            #expect(canceled.status == 200)
            #expect(try await daemons.status(.order)["outbox"]?["pending"]?.integer == 12)

            try await suite.broker.send("up 1")
            for order in orders {
                #expect(try await daemons.decided(order)["status"]?.string == (order == orders[0] ? "CANCELED" : "APPROVED"))
            }
            for service in ServiceName.allCases {
                try await eventually("\(service) ready") {
                    let status = try await daemons.status(service)
                    return status["state"]?.string == "ready" && status["outbox"]?["pending"]?.integer == 0 ? () : nil
                }
            }
            #expect(try await daemons.sagactl("status").exit == .code(0))
            try await daemons.rest(.order).expectPlacing()
            let created = suite.tap.events.state.filter { $0.type == "ORDER_CREATED" }
            for partition in Dictionary(grouping: created, by: \.message.partition).values {
                let told = partition.compactMap(\.order)
                #expect(told == told.sorted(by: { (orders.firstIndex(of: $0) ?? .max) < (orders.firstIndex(of: $1) ?? .max) }))
            }
        }
    }

    @Test func `Fault 10, broker down: degraded, the outbox grows, and drains in order`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            async let placing: Void = load.place(60)
            try await load.waitForAccepted(Int.random(in: 1...40))
            try await suite.broker.send("down 1")
            try await placing
            for service in ServiceName.allCases {
                try await eventually("\(service) degraded") {
                    try await suite.daemons.status(service)["state"]?.string == "degraded" ? () : nil
                }
            }
            let pending = try #require(try await suite.daemons.status(.order)["outbox"]?["pending"]?.integer)
            try await load.place(10)
            #expect(try await suite.daemons.status(.order)["outbox"]?["pending"]?.integer == pending + 10)
            try await suite.broker.send("up 1")
            try await load.settle()
            // Ids grow in the order of the outbox.
            let told = suite.tap.events.state.filter { $0.message.topic == ServiceName.order.topic.rawValue }
            for partition in Dictionary(grouping: told, by: \.message.partition).values {
                var seen: Set<String> = []
                let firsts = partition.compactMap(\.id).filter { seen.insert($0).inserted }
                #expect(firsts == firsts.sorted())
            }
            for service in ServiceName.allCases {
                try await eventually("\(service) ready") { try await suite.daemons.status(service)["state"]?.string == "ready" ? () : nil }
            }
        }
    }

    @Test(arguments: [true, false])
    func `Fault 22, SIGTERM while publishing without a broker: exit within 10 s, the rest stays in the outbox`(atOnce: Bool) async throws {
        var settings = KafkaSuite.Settings.patient()
        settings.brokerIsUp = false
        try await KafkaSuite.run(settings) { suite in
            let order = try await suite.daemons.start(.order)
            let id = try await suite.daemons.place()
            // The second time in the middle of whatever it does when it starts.
            if atOnce { try await order.stop() }
            let stopped = atOnce ? try await suite.daemons.start(.order) : order
            #expect(try await stopped.stop(within: .seconds(10)) == .code(0))

            try await suite.broker.send("up 1")
            try await suite.daemons.start(ServiceName.allCases)
            #expect(try await suite.daemons.decided(id)["status"]?.string == "APPROVED")
        }
    }

    @Test func `Fault 18, fatal producer error: made anew, the outbox rescanned, nothing lost`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(10)
            // The sequence numbers of an idempotent producer and its broker no longer agree, which it cannot mend.
            try await suite.broker.send("errors produce OUT_OF_ORDER_SEQUENCE_NUMBER 3")
            try await load.place(20)
            try await eventually("a new producer") {
                ServiceName.allCases.contains { (try? suite.daemons[$0].log.contains("producer is made anew")) == true } ? () : nil
            }
            for order in load.accepted.state { _ = try await suite.daemons.decided(order.order) }
            try await load.settle()
        }
    }

    @Test func `Fault 20, rebalance under load: a member that joins and leaves again costs nothing and does nothing twice`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            async let placing: Void = load.place(60)
            try await load.waitForAccepted(10)
            // It takes its share of the partitions and goes without having handled anything.
            let assigned = Observed<[KafkaPartition]>([])
            let member = try KafkaConsumer(
                properties: [
                    "bootstrap.servers": suite.broker.bootstrapServers, "session.timeout.ms": "3000", "heartbeat.interval.ms": "500",
                ],
                group: "saga-inventory", topics: [ServiceName.order.topic.rawValue, ServiceName.payment.topic.rawValue],
                onEvent: { event in if case .assigned(let share) = event { assigned.change { $0 = share } } },
                handle: { _ throws(KafkaConsumer.Stop) in throw KafkaConsumer.Stop() })
            member.start()
            try await assigned.wait(for: "share of the partitions") { $0.isEmpty ? nil : () }
            try await placing
            try await load.place(20)
            member.stop()
            await member.waitUntilStopped()
            try await load.settle()
        }
    }

    @Test func `a group that cannot be joined makes a daemon degraded, and does not keep it from becoming ready`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.broker.send("errors find-coordinator COORDINATOR_NOT_AVAILABLE 100000")
            try await suite.daemons.start(.order)
            try await eventually("degraded", within: .seconds(15)) {
                let status = try await suite.daemons.status(.order)
                let reasons = status["reasons"]?.array?.compactMap(\.string) ?? []
                return status["state"]?.string == "degraded" && reasons.contains { $0.contains("saga-order") } ? () : nil
            }
            try await suite.broker.send("clear find-coordinator")
            try await eventually("ready") { try await suite.daemons.status(.order)["state"]?.string == "ready" ? () : nil }
        }
    }

    @Test func `a consumer that can do no more ends the daemon, to be started again`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            let daemon = try await suite.daemons.start(.inventory)
            try await eventually("in the group") { daemon.log.contains("reads 6 partitions") ? () : nil }
            // Somebody else has taken its place in the group.
            try await suite.broker.send("errors heartbeat FENCED_INSTANCE_ID 1")
            let outcome = try await daemon.ended(within: .seconds(20))
            #expect(outcome.exit == .code(EX_SOFTWARE))
            #expect(outcome.errors.contains("FENCED_INSTANCE_ID"))
        }
    }
}

extension KafkaSuite.Settings {
    /// No deadline decides what a fault has only delayed.
    static func patient(_ properties: [String: String] = [:]) -> Self {
        var settings = Self()
        settings.daemons = .patient
        settings.properties = properties
        return settings
    }
}

extension HTTPClient {
    /// Orders are taken again.
    fileprivate func expectPlacing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let answer = try await post("/orders", json: OrderLoad.Wanted().body)
        #expect(answer.status == 201, sourceLocation: sourceLocation)
    }
}
