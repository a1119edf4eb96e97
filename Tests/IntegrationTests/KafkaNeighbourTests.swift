import Foundation
import Saga
import SagaTestSupport
import Testing

/// Others on the same broker: a second instance of a service, and a second suite.
@Suite(.showingLogs) struct KafkaNeighbourTests {
    @Test func `Fault 41, a second instance in the group: 75 within 15 s, the first is unharmed, nothing is sold twice`() async throws {
        var settings = KafkaSuite.Settings.patient()
        settings.daemons.initialStock = #"{ "1": 20 }"#
        try await KafkaSuite.run(settings) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            try await eventually("in the group") { try suite.daemons[.inventory].log.contains("reads 6 partitions") ? () : nil }
            var orders = try await suite.place(5)
            let second = try suite.daemons.launchBeside(.inventory)
            orders += try await suite.place(30)
            let outcome = try await second.daemon.ended(within: .seconds(15))
            #expect(outcome.exit == .code(EX_TEMPFAIL))
            #expect(outcome.errors.contains("consumer group saga-inventory"))
            #expect(!outcome.errors.contains("ORDER_CREATED"), "it has handled an event")

            var approved = 0
            for order in orders where try await suite.daemons.decided(order)["status"]?.string == "APPROVED" { approved += 1 }
            #expect(approved == 20)
            try await eventually("ready") { try await suite.daemons.status(.inventory)["state"]?.string == "ready" ? () : nil }
            let stock = try await suite.daemons.rest(.inventory).get("/inventory/1").json
            #expect(stock["sold"]?.integer == 20)
            #expect(try suite.daemons[.inventory].isRunning)
        }
    }

    @Test func `Fault 41, two instances that start at the same moment: one stays`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            let first = try suite.daemons.launch(.inventory)
            let second = try suite.daemons.launchBeside(.inventory)
            let ended = try await withThrowingTaskGroup(of: ProgramProcess.Outcome.self) { group in
                for daemon in [first, second.daemon] { group.addTask { try await daemon.ended(within: .seconds(20)) } }
                defer { group.cancelAll() }
                return try await group.next()
            }
            #expect(ended?.exit == .code(EX_TEMPFAIL))
            let (stays, admin) = first.isRunning ? (first, suite.daemons.admin(.inventory)) : (second.daemon, second.admin)
            try await eventually("the other one reads") { stays.log.contains("reads 6 partitions") ? () : nil }
            try await eventually("ready") { try await admin.get("/status").json["state"]?.string == "ready" ? () : nil }
            #expect(stays.isRunning)
        }
    }

    @Test func `Fault 41, the first wakes when a second one has its place: 75, without having handled what the other has`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            try await eventually("in the group") { try suite.daemons[.inventory].log.contains("reads 6 partitions") ? () : nil }
            let first = try suite.daemons[.inventory]
            first.signal(SIGSTOP)
            // What its connection has received when it wakes.
            let orders = try await suite.place(5)
            let second = try suite.daemons.launchBeside(.inventory)
            try await eventually("the second has taken over", within: .seconds(40)) {
                second.daemon.log.contains("reads 6 partitions") ? () : nil
            }
            for order in orders { #expect(try await suite.daemons.decided(order)["status"]?.string == "APPROVED") }
            first.signal(SIGCONT)
            let outcome = try await first.ended(within: .seconds(60))
            #expect(outcome.exit == .code(EX_TEMPFAIL))
            for order in orders { #expect(!outcome.errors.contains(order), "it has handled an order that is the other's") }
            let order = try await suite.daemons.place()
            #expect(try await suite.daemons.decided(order)["status"]?.string == "APPROVED")
            try await eventually("ready") { try await second.admin.get("/status").json["state"]?.string == "ready" ? () : nil }
        }
    }

    @Test func `a daemon that was killed is ready again at once, and is not taken for a second one`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            for _ in 1...3 {
                try await suite.daemons[.inventory].crash()
                let started = ContinuousClock.now
                let daemon = try await suite.daemons.start(.inventory)
                // A dead member counts for six seconds.
                #expect(started.duration(to: .now) < .seconds(5), "it waited for the group")
                let order = try await suite.daemons.place()
                #expect(try await suite.daemons.decided(order)["status"]?.string == "APPROVED")
                #expect(daemon.isRunning)
            }
        }
    }

    @Test func `two suites on one broker, with groups and topics of their own, do not meet`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let environment = [
                "SAGAD_KAFKA_GROUP_PREFIX": "other", "SAGAD_KAFKA_TOPICS": "{ order: other-o, inventory: other-i, payment: other-p }",
            ]
            let others = try ServiceName.allCases.map { try suite.daemons.launchBeside($0, environment: environment) }
            for other in others { try await other.daemon.ready() }
            let orders = try #require(zip(ServiceName.allCases, others).first { $0.0 == .order }?.1.rest)
            let answer = try await orders.post("/orders", json: OrderLoad.Wanted().body)
            let id = try #require(try answer.json["orderId"]?.string)
            let own = try await suite.daemons.place()
            #expect(try await suite.daemons.decided(own)["status"]?.string == "APPROVED")
            #expect(try await orders.get("/orders/\(id)?wait=30s").json["status"]?.string == "APPROVED")
            #expect(try await suite.daemons.rest(.order).get("/orders/\(id)").status == 404)
            #expect(try await suite.daemons.rest(.inventory).get("/reservations/\(id)").status == 404)
            #expect(suite.tap.present(of: id).isEmpty)
        }
    }
}

extension KafkaSuite {
    fileprivate func place(_ count: Int) async throws -> [String] {
        var orders: [String] = []
        for _ in 0..<count { orders.append(try await daemons.place()) }
        return orders
    }
}
