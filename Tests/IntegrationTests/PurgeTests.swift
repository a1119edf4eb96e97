import Foundation
import Saga
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Store
import Testing
import Wire

/// Old orders go from all three services, and nothing brings them back.
@Suite(.showingLogs) struct PurgeTests {
    private static let all = ["--before", "1ms", "--yes", "--json"]

    /// So many orders of each outcome, at rest.
    private static func place(_ count: Int, in suite: DaemonSuite) async throws -> [String] {
        let orders = try RESTClient(.order)
        var ids: [String] = []
        for number in 0..<count { ids.append(try await orders.place(user: number % 3 == 2 ? 2 : 1)) }
        for id in ids { _ = try await orders.decided(id) }
        for id in ids { try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED", "RELEASED", "VOID") }
        for service in ServiceName.allCases { try await suite.drained(service) }
        return ids
    }

    /// Until all have gone; what is not at rest yet goes the next time.
    private static func purge(_ arguments: [String] = [], in suite: DaemonSuite) async throws {
        try await eventually("that all orders have been purged", within: .seconds(60)) { () -> Void? in
            let outcome = try await suite.sagactl(["orders", "purge"] + all + arguments)
            #expect(outcome.exit == .code(0), "\(outcome.errors)")
            return try await suite.rest(.order).get("/orders").json["orders"]?.array?.isEmpty == true ? () : nil
        }
    }

    /// A purge of so many orders that ends with a service, and is asked for again when that is back.
    private static func purge(
        _ count: Int, killing victim: ServiceName, by faults: FaultInjection, at point: FaultInjection.Fault, in suite: DaemonSuite
    ) async throws {
        let ids = try await place(count, in: suite)
        try faults.start(point)
        _ = try await suite.sagactl(["orders", "purge"] + all)
        #expect(try await suite[victim].ended().exit == .signal(SIGKILL))
        try await suite.start(victim)
        try await purge(in: suite)
        try await expectNothing(of: ids, in: suite)
    }

    private static func expectNothing(of ids: [String], in suite: DaemonSuite) async throws {
        try await eventually("that nothing is kept of them", within: .seconds(30)) { () -> Void? in
            for id in ids {
                for (service, path) in [(ServiceName.order, "orders"), (.inventory, "reservations"), (.payment, "payments")] {
                    guard try await suite.rest(service).get("/\(path)/\(id)").status == 404 else { return nil }
                }
            }
            return ()
        }
        let report = try await suite.sagactl("reconcile", "--json")
        #expect(report.output == #"{"problems":[]}"# + "\n", "\(report.output) \(report.errors)")
    }

    @Test func `orders are exported, purged everywhere, and late events have no effect`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let body = RESTClient.body()
            let first = try await suite.rest(.order).post("/orders", json: body, headers: [("Idempotency-Key", "k")])
            let ids = try await Self.place(6, in: suite) + [try #require(try first.json["orderId"]?.string)]
            let file = "\(suite.directory.path)/orders.jsonl"
            // An earlier export was broken off in the middle of a line.
            _ = try suite.directory.write("{\"earlier\":true}\n{\"torn", to: "orders.jsonl")

            #expect(try await suite.sagactl("orders", "purge", "--before", "1ms").exit == .code(64))
            let counted = try await suite.sagactl("orders", "purge", "--before", "1ms", "--dry-run", "--json")
            #expect(counted.output == #"{"exported":0,"matched":7,"purged":0}"# + "\n")
            #expect(try await suite.sagactl("orders", "purge", "--before", "1h", "--yes", "--json").output.contains(#""matched":0"#))
            try await Self.purge(["--export", file], in: suite)
            try await Self.expectNothing(of: ids, in: suite)

            let text = try String(contentsOfFile: file, encoding: .utf8)
            let lines = try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
            #expect(lines.first?["earlier"] == .bool(true))
            let exported = Set(lines.compactMap { $0["order"]?["orderId"]?.string })
            #expect(exported == Set(ids))
            let approved = lines.filter { $0["order"]?["status"]?.string == "APPROVED" }
            #expect(approved.allSatisfy { $0["payment"]?["amount"]?.integer == 1000 && $0["reservation"]?["quantity"]?.integer == 1 })
            // What was sold stays sold, also where it is counted anew.
            #expect(try await suite.rest(.inventory).get("/inventory/1").json["sold"]?.integer == Int64(approved.count))
            _ = try await suite.admin(.inventory).post("/repair/stock/1", json: "")
            #expect(try await suite.rest(.inventory).get("/inventory/1").json["sold"]?.integer == Int64(approved.count))

            // The inboxes forget, and everything is delivered once more.
            for service in [ServiceName.inventory, .payment] {
                #expect(try await suite[service].stop() == .code(0))
                try SQLiteConnection(path: suite.stateDirectory(of: service) + "/saga.db", role: .writer).execute("DELETE FROM inbox")
                try await suite.start(service)
            }
            #expect(try await suite.sagactl("events", "republish", "--since", "2020-01-01T00:00:00Z").exit == .code(0))
            let later = try await Self.place(1, in: suite)
            try await Self.expectNothing(of: ids, in: suite)
            // Its key is kept as long as any.
            let again = try await suite.rest(.order).post("/orders", json: body, headers: [("Idempotency-Key", "k")])
            #expect(again.status == 201)
            #expect(again.body == first.body)
            #expect(try await suite.rest(.order).get("/orders").json["orders"]?.array?.map { $0["orderId"]?.string } == later)
        }
    }

    @Test(
        arguments: [
            (ServiceName.order, FaultInjection.Fault.killBeforeCommit), (.order, .killAfterCommit), (.inventory, .killBeforeCommit),
            (.inventory, .killAfterCommit), (.payment, .killBeforeCommit), (.payment, .killAfterCommit),
        ])
    func `Fault 60, a purge is broken off by kill -9, and completed when it is asked for again`(
        _ service: ServiceName, _ point: FaultInjection.Fault
    ) async throws {
        try await DaemonSuite.run { suite in
            let faults = try FaultInjection()
            for other in ServiceName.allCases where other != service { try await suite.start(other) }
            try await suite.start(service, environment: faults.environment)
            try await Self.purge(100, killing: service, by: faults, at: point, in: suite)
        }
    }

    @Test func `Fault 60, over Kafka too, whichever of the services is killed`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            let daemons = suite.daemons
            try await daemons.start(ServiceName.allCases)
            for victim in ServiceName.allCases {
                let faults = try FaultInjection()
                #expect(try await daemons[victim].stop() == .code(0))
                try await daemons.start(victim, environment: faults.environment)
                try await Self.purge(80, killing: victim, by: faults, at: .killAfterCommit, in: daemons)
            }
        }
    }

    @Test(arguments: [ServiceName.order, .payment], [FaultInjection.Fault.killBeforeCommit, .killAfterCommit])
    func `Fault 60, forgetting a user is broken off by kill -9, and completed when it is asked for again`(
        _ service: ServiceName, _ point: FaultInjection.Fault
    ) async throws {
        try await DaemonSuite.run { suite in
            let faults = try FaultInjection()
            for other in ServiceName.allCases where other != service { try await suite.start(other) }
            try await suite.start(service, environment: faults.environment)
            // More than are forgotten in one transaction.
            let orders = try RESTClient(.order)
            var ids: [String] = []
            for _ in 0..<250 { ids.append(try await orders.place(user: 4711)) }
            for id in ids { _ = try await orders.decided(id) }
            for service in ServiceName.allCases { try await suite.drained(service) }

            try faults.start(point)
            #expect(try await suite.sagactl("users", "forget", "4711", "--yes").exit == .code(69))
            #expect(try await suite[service].ended().exit == .signal(SIGKILL))
            try await suite.start(service)
            try await eventually("that nothing is left to forget") {
                try await suite.sagactl("users", "forget", "4711", "--yes").exit == .code(0) ? () : nil
            }
            #expect(try await orders.get("/orders?userId=4711").json["orders"]?.array?.isEmpty == true)
            for id in ids { #expect(try await RESTClient(.payment).get("/payments/\(id)").json["userId"] == nil) }
            #expect(try await suite.sagactl("reconcile", "--json").output == #"{"problems":[]}"# + "\n")
            try await Self.expectNoEvent(naming: 4711, in: suite)
        }
    }

    @Test(arguments: [ServiceName.order, .inventory, .payment])
    func `what one service has back from a backup is found and purged again`(_ service: ServiceName) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let ids = try await Self.place(3, in: suite)
            let directory = "\(suite.directory.path)/backup"
            #expect(try await suite.sagactl("backup", directory).exit == .code(0))
            try await Self.purge(in: suite)
            try await Self.expectNothing(of: ids, in: suite)
            // What was published about it is over, so that nothing heals by itself.
            #expect(try await suite[.order].stop() == .code(0))
            try SQLiteConnection(path: suite.stateDirectory(of: .order) + "/saga.db", role: .writer)
                .execute("DELETE FROM outbox WHERE seq < (SELECT max(seq) FROM outbox)")
            if service != .order { try await suite[service].crash() }
            let state = suite.stateDirectory(of: service)
            for file in ["saga.db", "saga.db-wal", "saga.db-shm"] { try? FileManager.default.removeItem(atPath: "\(state)/\(file)") }
            try FileManager.default.copyItem(atPath: "\(directory)/\(service).db", toPath: "\(state)/saga.db")
            try await suite.start(Array(Set([.order, service])))

            let repaired = try await suite.sagactl("reconcile", "--repair", "--yes", "--json")
            #expect(repaired.exit == .code(0), "\(repaired.output) \(repaired.errors)")
            try await Self.purge(in: suite)
            try await Self.expectNothing(of: ids, in: suite)
            #expect(try await suite.rest(.inventory).get("/inventory/1").json["sold"]?.integer == 2)
        }
    }

    @Test func `with orderRetention the daemons purge by themselves`() async throws {
        var settings = DaemonSuite.Settings()
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(ServiceName.allCases)
            let ids = try await Self.place(3, in: suite)
            settings.more = "orderRetention: 1ms"
            try suite.configure(settings)
            // It is looked at at the start.
            #expect(try await suite[.order].stop() == .code(0))
            try await suite.start(.order)
            try await Self.expectNothing(of: ids, in: suite)
        }
    }

    @Test func `a forgotten user is in no answer, no list and no event any more`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let body = RESTClient.body(user: 4711)
            let first = try await orders.post("/orders", json: body, headers: [("Idempotency-Key", "k")])
            let id = try #require(try first.json["orderId"]?.string)
            _ = try await orders.decided(id)
            let other = try await Self.place(1, in: suite)[0]

            #expect(try await suite.sagactl("users", "forget", "4711").exit == .code(64))
            let forgotten = try await suite.sagactl("users", "forget", "4711", "--yes", "--json")
            #expect(forgotten.output == #"{"orders":1,"payments":1}"# + "\n", "\(forgotten.errors)")
            // Whoever does not know whether it was done does it again.
            #expect(try await suite.sagactl("users", "forget", "4711", "--yes", "--json").output == #"{"orders":0,"payments":0}"# + "\n")

            for (client, path) in [(orders, "/orders/\(id)"), (try RESTClient(.payment), "/payments/\(id)")] {
                let answer = try await client.get(path)
                #expect(answer.status == 200)
                #expect(try answer.json["userId"] == nil)
                #expect(try answer.json["amount"]?.integer == 1000)
            }
            #expect(try await orders.get("/orders/\(other)").json["userId"]?.integer == 1)
            #expect(try await orders.get("/orders?userId=4711").json["orders"]?.array?.isEmpty == true)
            // The key still knows its request.
            #expect(try await orders.post("/orders", json: body, headers: [("Idempotency-Key", "k")]).json["orderId"]?.string == id)
            let changed = RESTClient.body(user: 4711, quantity: 2)
            #expect(try await orders.post("/orders", json: changed, headers: [("Idempotency-Key", "k")]).status == 422)

            // Published again it has a 0 for the user, which the others accept: to payment, with its inbox gone, it is known all the same.
            #expect(try await suite[.payment].stop() == .code(0))
            try SQLiteConnection(path: suite.stateDirectory(of: .payment) + "/saga.db", role: .writer).execute("DELETE FROM inbox")
            try await suite.start(.payment)
            #expect(try await suite.sagactl("events", "republish", "--order", id).exit == .code(0))
            for service in ServiceName.allCases { try await suite.drained(service) }
            let status = try await suite.admin(.payment).get("/status").json
            #expect(status["deadLetters"]?.integer == 0)
            #expect(try await suite.sagactl("reconcile", "--json").output == #"{"problems":[]}"# + "\n")
            try await Self.expectNoEvent(naming: 4711, in: suite)
        }
    }

    /// Stops the daemons.
    private static func expectNoEvent(naming user: Int, in suite: DaemonSuite) async throws {
        for service in ServiceName.allCases {
            #expect(try await suite[service].stop() == .code(0))
            let database = try SQLiteConnection(path: suite.stateDirectory(of: service) + "/saga.db", role: .reader)
            let rows = try database.all("SELECT CAST(body AS TEXT) FROM outbox WHERE body LIKE ?", .text("%\(user)%")) { try $0.text(0) }
            #expect(rows.isEmpty, "\(service): \(rows)")
        }
    }
}
