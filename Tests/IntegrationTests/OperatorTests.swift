import Foundation
import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What an operator does to all of something at once, or for a while.
@Suite(.showingLogs) struct OperatorTests {
    @Test func `a log level that is set for a while goes back to the configured one`() async throws {
        var settings = DaemonSuite.Settings()
        settings.logLevel = "notice"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            func level() async throws -> String? { try await suite.admin(.order).get("/config").json["logLevel"]?.string }
            #expect(try await suite.sagactl("log-level", "debug", "--service", "order", "--for", "300ms").exit == .code(0))
            #expect(try await level() == "debug")
            try await eventually("the configured level") { try await level() == "notice" ? () : nil }
            // The later one wins: it has no end.
            #expect(try await suite.sagactl("log-level", "debug", "--service", "order", "--for", "100ms").exit == .code(0))
            #expect(try await suite.sagactl("log-level", "warning", "--service", "order").exit == .code(0))
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await level() == "warning")
            for body in [#"{"logLevel":"debug","for":"soon"}"#, #"{"logLevel":"debug","for":"-1s"}"#, #"{"logLevel":"debug","for":10}"#] {
                #expect(try await suite.admin(.order).put("/log-level", json: body).status == 422)
            }
        }
    }

    @Test func `orders that are pending for too long are canceled together, others are left alone`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            var ids: [String] = []
            // More than one batch.
            for _ in 0..<70 { ids.append(try await orders.place()) }
            #expect(try await orders.post("/orders/\(ids[0])/cancel").status == 200)

            #expect(
                try await suite.sagactl("orders", "cancel", "--older-than", "1h", "--yes", "--json").output
                    == #"{"canceled":0,"matched":0}"# + "\n")
            let counted = try await suite.sagactl("orders", "cancel", "--older-than", "1ms", "--dry-run", "--json")
            #expect(counted.output == #"{"canceled":0,"matched":69}"# + "\n")
            #expect(try await orders.get("/orders/\(ids[1])").json["status"]?.string == "PENDING")
            // Nobody to ask, and so nothing is done.
            #expect(try await suite.sagactl("orders", "cancel", "--older-than", "1ms").exit == .code(64))
            #expect(try await orders.get("/orders/\(ids[1])").json["status"]?.string == "PENDING")
            let canceled = try await suite.sagactl("orders", "cancel", "--older-than", "1ms", "--yes", "--json")
            #expect(canceled.output == #"{"canceled":69,"matched":69}"# + "\n")
            for id in ids {
                #expect(try await orders.get("/orders/\(id)").json["reason"]?.string == "CANCELED_BY_CLIENT")
            }
            #expect(try await suite.admin(.order).get("/status").json["orders"]?["PENDING"]?.integer == 0)
        }
    }

    @Test func `an order that cannot be canceled keeps the others from nothing`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            try await suite[.order].stop()
            try SQLiteConnection(path: suite.stateDirectory(of: .order) + "/saga.db", role: .writer).execute(
                "CREATE TRIGGER obstacle BEFORE UPDATE ON orders WHEN new.user_id = 666 BEGIN SELECT RAISE(ABORT, 'boom'); END")
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let ids = [try await orders.place(), try await orders.place(user: 666), try await orders.place()]
            let canceled = try await suite.sagactl("orders", "cancel", "--older-than", "1ms", "--yes", "--json")
            #expect(canceled.output == #"{"canceled":2,"matched":3}"# + "\n")
            #expect(try await orders.get("/orders/\(ids[1])").json["status"]?.string == "PENDING")
            #expect(try await orders.get("/orders/\(ids[2])").json["status"]?.string == "CANCELED")
        }
    }

    @Test func `config names the value, where it is from and what a restart would change`() async throws {
        var settings = DaemonSuite.Settings()
        try await DaemonSuite.run(settings) { suite in
            let daemon = try await suite.start(.order, environment: ["SAGAD_RETENTION": "3d"])
            func key(_ name: String) async throws -> JSONValue {
                let outcome = try await suite.sagactl("config", "--service", "order", "--json")
                #expect(outcome.exit == .code(0))
                let service = try #require(try JSONValue(parsing: Array(outcome.output.utf8))["services"]?.array?.first)
                return try #require(service["keys"]?.array?.first { $0["key"]?.string == name })
            }
            let retention = try await key("retention")
            #expect(retention["value"] == .string("3d"))
            #expect(retention["source"] == .string("SAGAD_RETENTION"))
            #expect(retention["restartNeeded"] == .bool(false))
            #expect(try await key("kafka.partitions")["source"]?.string == "default")
            let limit = try await key("backlogLimit")
            #expect(limit["value"]?.integer == 100_000)
            #expect(limit["source"]?.string == "\(suite.configurationFile):4")

            settings.backlogLimit = 5
            settings.deadline = "7s"
            try suite.configure(settings)
            #expect(try await key("backlogLimit")["restartNeeded"] == .bool(true))
            #expect(try await key("backlogLimit")["configured"]?.integer == 5)
            #expect(try await key("order.deadline")["restartNeeded"] == .bool(false))
            #expect(try await key("order.deadline")["configured"]?.string == "7s")
            #expect(try await suite.sagactl("config").output.contains("5 after a restart"))

            daemon.signal(SIGHUP)
            try await eventually("what was not taken over") {
                daemon.log.contains("changed, but not taken over without a restart: backlogLimit") ? () : nil
            }
            #expect(try await key("order.deadline")["value"]?.string == "7s")
            #expect(try await key("order.deadline")["configured"] == nil)

            try Data("backlogLimit: many\n".utf8).write(to: URL(fileURLWithPath: suite.configurationFile))
            let broken = try await suite.sagactl("config", "--service", "order")
            #expect(broken.exit == .code(0))
            #expect(broken.errors.contains("a restart would fail: \(suite.configurationFile):1: backlogLimit"))
        }
    }

    @Test func `the read-only socket answers GET, and changes nothing`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let socket = "\(suite.directory.path)/run/order/read.sock"
            let client = HTTPClient(.unix(path: socket))
            let id = try await RESTClient(.order).place()
            for target in ["/status", "/metrics", "/config", "/config/keys", "/trace/\(id)", "/dead-letters", "/orders", "/orders/\(id)"] {
                #expect(try await client.get(target).status == 200, "\(target)")
            }
            for target in ["/orders/\(id)/cancel", "/orders", "/pause", "/orders/cancel", "/backup", "/dead-letters/discard"] {
                let refused = try await client.post(target, json: "{}")
                #expect(refused.status == 405, "\(target)")
                #expect(refused["Allow"] == "GET, HEAD")
            }
            #expect(try await client.put("/log-level", json: #"{"logLevel":"debug"}"#).status == 405)
            #expect(try await RESTClient(.order).get("/orders/\(id)").json["status"]?.string == "PENDING")
            let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
    }

    @Test func `orders are listed as CSV, all of them, and the slowest first`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for user in [1, 2] { _ = try await orders.decided(orders.place(user: user)) }
            let csv = try await suite.sagactl("orders", "--all", "--csv").output
            let lines = csv.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.first == "orderId,userId,productId,quantity,amount,status,reason,detail,createdAt,updatedAt")
            #expect(lines.count == 4 && lines.last == "")
            #expect(lines[1].contains(",CANCELED,PAYMENT_FAILED,DECLINED,"))
            let since = try await suite.sagactl("orders", "--since", "1h", "--user", "2", "--json").output
            #expect(try JSONValue(parsing: Array(since.utf8))["orders"]?.array?.count == 1)
            #expect(try await suite.sagactl("orders", "--until", "1h", "--json").output == #"{"orders":[]}"# + "\n")
            let slowest = try JSONValue(parsing: Array(try await suite.sagactl("orders", "--slowest", "--json").output.utf8))
            #expect(slowest["orders"]?.array?.count == 2)
            #expect(try await suite.sagactl("orders").output.contains("PAYMENT_FAILED (DECLINED)"))
            for wrong in [["--all", "--limit", "5"], ["--csv", "--json"], ["--reason", "MOOD"], ["--slowest", "--status", "PENDING"]] {
                #expect(try await ProgramProcess.run("sagactl", ["orders"] + wrong, in: suite.directory.path).exit == .code(64))
            }
        }
    }
}
