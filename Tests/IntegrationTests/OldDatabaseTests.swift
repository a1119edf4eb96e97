import Foundation
import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing

/// Databases that 0.1.0 has written: an order of each outcome, and one that the payment service was not there for.
@Suite(.showingLogs) struct OldDatabaseTests {
    enum Transport: String, CaseIterable {
        case direct, kafka
    }

    @Test(arguments: Transport.allCases, Transport.allCases)
    func `a suite of 0.1.0 goes on where it was, over the transport it had or the other one`(_ old: Transport, _ new: Transport)
        async throws
    {
        let start = { (suite: DaemonSuite) in
            for service in ServiceName.allCases { try Self.restore(service, of: old, in: suite) }
            try await suite.start(ServiceName.allCases)
            try await Self.expectToGoOn(suite)
        }
        // An order is as old as its id says.
        var settings = DaemonSuite.Settings()
        settings.deadline = "36500d"
        var kafka = KafkaSuite.Settings()
        kafka.daemons = settings
        switch new {
        case .direct: try await DaemonSuite.run(settings) { try await start($0) }
        case .kafka: try await KafkaSuite.run(kafka) { try await start($0.daemons) }
        }
    }

    @Test func `under direct nothing of Kafka is made`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let database = try SQLiteConnection(path: suite.stateDirectory(of: .order) + "/saga.db", role: .reader)
            let tables = try database.all("SELECT name FROM sqlite_schema WHERE type = 'table'") { try $0.text(0) }
            #expect(Set(tables).isSuperset(of: ["outbox", "orders"]))
            #expect(Set(tables).isDisjoint(with: ["bookmark", "confirmed", "republication", "answered"]))
        }
    }

    private static func expectToGoOn(_ suite: DaemonSuite) async throws {
        let orders = try RESTClient(.order)
        let found = try #require(try await orders.get("/orders").json["orders"]?.array)
        let outcomes = found.compactMap { order in order["reason"]?.string ?? order["status"]?.string }
        #expect(outcomes.count == 4 && Set(outcomes).isSuperset(of: ["APPROVED", "INVENTORY_FAILED", "PAYMENT_FAILED"]))

        let unfinished = try #require(found.first { $0["quantity"]?.integer == 4 }?["orderId"]?.string)
        #expect(try await orders.decided(unfinished)["status"]?.string == "APPROVED")
        let new = try await orders.place(quantity: 3)
        #expect(try await orders.decided(new)["status"]?.string == "APPROVED")
        for id in [unfinished, new] { try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED") }

        let stock = try await suite.rest(.inventory).get("/inventory/1").json
        #expect([stock["available"], stock["reserved"], stock["sold"]].map { $0?.integer } == [999_991, 0, 9])
        for service in ServiceName.allCases { try await suite.drained(service) }
        let report = try await suite.sagactl("reconcile", "--json")
        #expect(report.exit == .code(0), "\(report.output)")
    }

    /// Puts a database in place as if it had been written just now, so that its retention is not over.
    private static func restore(_ service: ServiceName, of transport: Transport, in suite: DaemonSuite) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Databases/0.1.0/\(transport.rawValue)/\(service).sql")
        let age = Int64(Date.now.timeIntervalSince1970 * 1_000_000) - 1_795_809_175_000_000
        let text = try String(contentsOf: file, encoding: .utf8).replacing(#/\b17958091\d{8}\b/#) { "\(Int64($0.output)! + age)" }
        let directory = suite.stateDirectory(of: service)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        try SQLiteConnection(path: directory + "/saga.db", role: .writer).execute(text)
    }
}
