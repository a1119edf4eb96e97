import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// From READY=1 to the end, as the service manager sees it.
@Suite(.showingLogs) struct LifecycleTests {
    @Test(arguments: ServiceName.allCases, [SIGTERM, SIGINT])
    func `an idle daemon ends cleanly and at once, and says so first`(_ service: ServiceName, _ signal: Int32) async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(service)
            let idle = try await HTTPConnection(.tcp(port: suite.port(of: service)))
            let start = ContinuousClock.now
            daemon.signal(signal)
            try await daemon.notifications.message(with: "STOPPING=1")
            #expect(try await daemon.ended().exit == .code(0))
            #expect(ContinuousClock.now - start < .seconds(2))
            try await idle.closed()
            #expect(!FileManager.default.fileExists(atPath: suite.adminSocket(of: service)))
        }
    }

    @Test func `a client that waits for an order is answered when the daemon ends`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            let waiting = try await HTTPConnection(orders.client.address)
            try await waiting.send(HTTPClient.request("GET", "/orders/\(id)?wait=60s"))
            // A request behind it on another connection: by its answer the first has been read too.
            _ = try await orders.get("/orders/\(id)?wait=100ms")
            let start = ContinuousClock.now
            #expect(try await daemon.stop() == .code(0))
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(try await waiting.answer().json["status"]?.string == "PENDING")
        }
    }

    @Test func `a request that does not come to its end holds nobody up for more than 10 seconds`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.order)
            let connection = try await HTTPConnection(.tcp(port: suite.port(of: .order)))
            try await connection.send(
                "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
            // By the answer to another one the half one has been read too.
            _ = try await RESTClient(.order).get("/livez")
            let start = ContinuousClock.now
            #expect(try await daemon.stop() == .code(0))
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func `READY=1 comes when /readyz answers 200, not before`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try suite.launch(.order)
            // Asks all the time until the first 200, which may come a moment before the message but never long after it.
            var isReady = false
            while !isReady {
                try #require(daemon.isRunning)
                let hadSaidReady = daemon.notifications.messages.state.contains { $0.contains("READY=1") }
                let answer = try? await suite.rest(.order).get("/readyz")
                isReady = answer?.status == 200
                if let answer, !isReady { try RESTClient(.order).check(answer, to: "GET", "/readyz") }
                #expect(isReady || !hadSaidReady, "READY=1 was said before /readyz answered 200")
            }
            try await daemon.ready()
        }
    }

    @Test func `Fault 36, a hang: signs of life come at least twice in the time systemd asks for, and none from a daemon that hangs`()
        async throws
    {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.inventory, environment: ["WATCHDOG_USEC": "2000000"])
            var place = try await daemon.notifications.message(with: "WATCHDOG=1")
            let start = ContinuousClock.now
            for _ in 0..<4 { place = try await daemon.notifications.message(with: "WATCHDOG=1", after: place) }
            #expect(ContinuousClock.now - start <= .seconds(4))

            daemon.signal(SIGSTOP)
            let (messages, isAwake) = (daemon.notifications.messages, Observed(false))
            await #expect(throws: NotSeen.self) {
                // One may have been under way.
                try await isAwake.wait(for: "nothing", within: .seconds(1)) { $0 ? () : nil }
            }
            let count = messages.state.count
            await #expect(throws: NotSeen.self) {
                try await daemon.notifications.message(with: "WATCHDOG=1", after: count - 1, within: .seconds(3))
            }
            daemon.signal(SIGCONT)
            try await daemon.notifications.message(with: "WATCHDOG=1", after: count - 1)
        }
    }

    @Test func `SIGHUP changes the log level and the deadline, also of orders that wait already`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            var settings = DaemonSuite.Settings()
            settings.deadline = "100ms"
            settings.logLevel = "error"
            try suite.configure(settings)
            try await daemon.reload()
            let configuration = try await suite.admin(.order).get("/config").json
            #expect(configuration["logLevel"]?.string == "error")
            #expect(configuration["order"]?["deadline"]?.string == "100ms")
            #expect(try await orders.decided(id)["reason"]?.string == "DEADLINE_EXCEEDED")
            // Neither the warning of the deadline nor the information of a new order.
            let log = daemon.log
            _ = try await orders.decided(try await orders.place())
            #expect(daemon.log == log)
        }
    }

    @Test func `Fault 23, SIGHUP with a bad file: the old configuration stays, and the daemon says so`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.order)
            let before = try await suite.admin(.order).get("/config").text
            var settings = DaemonSuite.Settings()
            settings.deadline = "100ms"
            settings.more = "nonsense: 1"
            try suite.configure(settings)
            try await daemon.reload()
            #expect(try await suite.admin(.order).get("/config").text == before)
            #expect(daemon.log.contains("nonsense"))
            #expect(try await RESTClient(.order).get("/readyz").status == 200)
        }
    }

    @Test(arguments: ServiceName.allCases)
    func `SIGHUP while starting neither ends the daemon nor makes it say READY=1 too early`(_ service: ServiceName) async throws {
        try await DaemonSuite.run { suite in
            let daemon = try suite.launch(service)
            // From here on it has begun, and must not die of the signal any more.
            while !FileManager.default.fileExists(atPath: suite.stateDirectory(of: service) + "/lock") { await Task.yield() }
            while daemon.isRunning, !daemon.notifications.messages.state.contains(where: { $0.contains("READY=1") }) {
                daemon.signal(SIGHUP)
                try await Task.sleep(for: .milliseconds(1))
            }
            try await daemon.ready()
            // One without a status ends a reload; that begins only when the daemon can do its work.
            let messages = daemon.notifications.messages.state
            let first = try #require(messages.first { $0.contains("READY=1") || $0.contains("RELOADING=1") })
            #expect(first.contains("STATUS=") || first.contains("RELOADING=1"))
            #expect(try await suite.rest(service).get("/readyz").status == 200)
        }
    }

    @Test func `a deadline goes on across a crash`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "3s"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            try await suite[.order].crash()
            try await suite.start(.order)
            let order = try await orders.decided(id)
            #expect(order["reason"]?.string == "DEADLINE_EXCEEDED")
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let created = try style.parse(try #require(order["createdAt"]?.string))
            let age = try style.parse(try #require(order["updatedAt"]?.string)).timeIntervalSince(created)
            // From the order's time, not from the restart.
            #expect(age >= 2.9 && age < 20)
        }
    }

    @Test func `the log level can be set while running`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try await suite.start(.order)
            let orders = try RESTClient(.order)
            #expect(try await suite.admin(.order).put("/log-level", json: #"{"logLevel":"critical"}"#).status == 204)
            let id = try await orders.place()
            #expect(!daemon.log.contains(id))
            #expect(try await suite.admin(.order).put("/log-level", json: #"{"logLevel":"loud"}"#).status == 422)
        }
    }
}
