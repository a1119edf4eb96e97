import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Daemons killed at the very points where a crash could lose something or do it twice; `CrashTests` kills them at any.
@Suite(.showingLogs) struct KillPointTests {
    @Test func `Fault 1, kill -9 before the database commit: no 201, and a retry with the same key makes one order`() async throws {
        try await DaemonSuite.run(.patient) { suite in
            try await suite.start([.inventory, .payment])
            let orders = try await Self.killWhilePlacing(.killBeforeCommit, suite)
            #expect(orders.isEmpty)
            let load = OrderLoad(suite)
            try await load.place(1)
            try await load.settle()
        }
    }

    @Test(arguments: TestedTransport.allCases)
    func `Faults 2 and 3, kill -9 after the commit: published at the restart, and a retry with the same key gets the stored 201`(
        _ transport: TestedTransport
    ) async throws {
        try await transport.run { suite in
            try await suite.start([.inventory, .payment])
            var orders = try await Self.killWhilePlacing(.killAfterCommit, suite)
            // The daemon commits things of its own, too: where that came first, once more.
            for _ in 0..<5 where orders.isEmpty {
                try await suite[.order].stop()
                orders = try await Self.killWhilePlacing(.killAfterCommit, suite)
            }
            try #require(orders.count == 1)
            try await eventually("published", within: .seconds(20)) {
                try await suite.rest(.inventory).get("/reservations/\(orders[0])").status == 200 ? () : nil
            }
            let load = OrderLoad(suite)
            try await load.place(1)
            #expect(load.accepted.state.map(\.order) == orders)
            try await load.settle()
        }
    }

    /// Kills the order service at a commit while an order comes, and starts it again; gives back the orders there are.
    private static func killWhilePlacing(_ point: FaultInjection.Fault, _ suite: DaemonSuite) async throws -> [String] {
        let faults = try FaultInjection()
        let daemon = try await suite.start(.order, environment: faults.environment)
        try faults.start(point)
        await #expect(throws: (any Error).self) {
            try await suite.rest(.order).post("/orders", json: OrderLoad.Wanted.mixed(0).body, headers: [("Idempotency-Key", "key-0")])
        }
        #expect(try await daemon.ended().exit == .signal(SIGKILL))
        try await suite.start(.order)
        let orders = try #require(try await suite.rest(.order).get("/orders").json["orders"]?.array)
        return orders.compactMap { $0["orderId"]?.string }
    }

    @Test func `Fault 4, kill -9 after publishing, before it is marked sent: published twice, applied once`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            let daemons = suite.daemons
            let faults = try FaultInjection()
            let load = OrderLoad(daemons)
            var id = ""
            // That an event is sent is saved along with the next commit, whatever that is of: where one comes too early, once more.
            for _ in 0..<5 {
                let order = try await daemons.start(.order, environment: faults.environment)
                try await eventually("connected") {
                    try await daemons.status(.order)["transport"]?["connected"] == .bool(true) ? () : nil
                }
                try await load.place(1)
                try faults.start(.killBeforeCommit)
                id = try #require(load.accepted.state.last).order
                let first = try await suite.tap.event("ORDER_CREATED", of: id)
                await #expect(throws: (any Error).self) {
                    try await daemons.rest(.order).post("/orders", json: OrderLoad.Wanted.mixed(1).body)
                }
                #expect(try await order.ended().exit == .signal(SIGKILL))
                try faults.stop(.killBeforeCommit)
                try await daemons.start(.order)
                let both = try? await suite.tap.events(of: id, within: .seconds(5)) { $0.count == 2 }
                if let both {
                    #expect(both.allSatisfy { $0.id == first.id && $0.text == first.text })
                    break
                }
                try await daemons[.order].stop()
                id = ""
            }
            try #require(!id.isEmpty, "no kill came between publishing and the next commit")

            try await daemons.start([.inventory, .payment])
            try await load.settle()
            let emissions = try await daemons.emissions(of: id)
            #expect(emissions.contains("ORDER_CREATED") && Set(emissions).count == emissions.count)
        }
    }

    @Test(arguments: TestedTransport.allCases)
    func `Faults 5 and 6, kill -9 inside a handler and after its commit: delivered again, no second effect`(
        _ transport: TestedTransport
    ) async throws {
        try await transport.run { suite in
            let faults = try FaultInjection()
            for service in [ServiceName.inventory, .payment] { try suite.launch(service, environment: faults.environment) }
            try await suite.start(.order)
            for service in [ServiceName.inventory, .payment] { try await suite[service].ready() }
            let load = OrderLoad(suite)
            // A group misses a member only after seconds, so over Kafka only the point at which it matters: the offset is not stored yet.
            for point in transport == .kafka ? [.killAfterCommit] : [FaultInjection.Fault.killBeforeCommit, .killAfterCommit] {
                try await Self.kill([.inventory, .payment], at: point, faults, suite) { try await load.place(1) }
                let order = try #require(load.accepted.state.last?.order)
                #expect(try await suite.decided(order)["status"]?.string == "APPROVED")
                #expect(
                    try await suite.emissions(of: order)
                        == ["INVENTORY_RESERVED", "ORDER_APPROVED", "ORDER_CREATED", "PAYMENT_APPROVED"])
            }
            try await load.settle()
        }
    }

    /// Two orders that wait for their decision are canceled: of one the stock is there without the money, of the other the reverse.
    @Test func `Fault 7, kill -9 during compensation: compensated exactly once`() async throws {
        try await DaemonSuite.run(.patient) { suite in
            let faults = try FaultInjection()
            try await suite.start(.order)
            let (orders, inventory, payments) = (try RESTClient(.order), try RESTClient(.inventory), try RESTClient(.payment))
            for point in [FaultInjection.Fault.killBeforeCommit, .killAfterCommit] {
                try await suite.start(.inventory, environment: faults.environment)
                let stocked = try await orders.place(product: 2, quantity: 3)
                try await inventory.get("/reservations/\(stocked)", until: "RESERVED")
                try await Self.kill([.inventory], at: point, faults, suite) { try await orders.cancel(stocked) }
                try await inventory.get("/reservations/\(stocked)", until: "RELEASED")
                try await suite[.inventory].stop()

                try await suite.start(.payment, environment: faults.environment)
                let paid = try await orders.place()
                let approved = try await payments.get("/payments/\(paid)", until: "APPROVED")
                try await Self.kill([.payment], at: point, faults, suite) { try await orders.cancel(paid) }
                #expect(try await payments.get("/payments/\(paid)", until: "REFUNDED")["paymentId"] == approved["paymentId"])

                try await suite.start(.inventory)
                for service in ServiceName.allCases { try await suite.drained(service) }
                #expect(try await suite.emissions(of: stocked).filter { $0 == "INVENTORY_RELEASED" }.count == 1)
                #expect(try await suite.emissions(of: paid).filter { $0 == "PAYMENT_REFUNDED" }.count == 1)
                #expect(try await inventory.get("/inventory/2").text == #"{"productId":2,"available":5,"reserved":0,"sold":0}"#)
                for service in [ServiceName.inventory, .payment] { try await suite[service].stop() }
            }
        }
    }

    /// Lets each die at the point of its next commit, and starts them again when they have.
    private static func kill(
        _ victims: [ServiceName], at point: FaultInjection.Fault, _ faults: FaultInjection, _ suite: DaemonSuite,
        _ cause: () async throws -> Void
    ) async throws {
        try faults.start(point)
        try await cause()
        for victim in victims {
            let outcome = try await suite[victim].ended()
            #expect(outcome.exit == .signal(SIGKILL))
        }
        try faults.stop(point)
        for daemon in try victims.map({ try suite.launch($0, environment: faults.environment) }) { try await daemon.ready() }
    }
}

extension DaemonSuite {
    /// The types of all events the daemons have told of an order, in the order of the alphabet.
    func emissions(of order: String) async throws -> [String] {
        let trace = try await sagactl("trace", order, "--json")
        let steps = try JSONValue(parsing: Array(trace.output.utf8))["steps"]?.array ?? []
        return steps.filter { $0["kind"]?.string == "emitted" }.compactMap { $0["eventType"]?.string }.sorted()
    }
}
