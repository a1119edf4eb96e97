import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Clients that cost something without getting anything done: the others hardly notice.
@Suite(.serialized, .showingLogs) struct ManyConnectionsTests {
    private static let order = HTTPClient.request(
        "POST", "/orders", headers: [("Content-Type", "application/json")], body: Array(RESTClient.body().utf8))

    @Test(.timeLimit(.minutes(20)))
    func `Fault 33, a thousand idle and a thousand slow connections: nobody is hurt, the slow ones end with 408`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            _ = try await orders.decided(try await orders.place())
            let idle = try Crowd(of: 1000, to: suite.port(of: .order))
            var accepted = 0
            // Whoever has said nothing at all is not spared.
            idle.send(Self.order)
            try await eventually("answers to those that are idle from here on") { () -> Void? in
                accepted += idle.answers().count { $0.answer.status == 201 }
                return accepted == 1000 ? () : nil
            }
            let slowHeads = try Crowd(of: 500, to: suite.port(of: .order))
            let slowBodies = try Crowd(of: 500, to: suite.port(of: .order))
            let text = Array("GET /orders HTTP/1.1\r\nHost: localhost\r\nX-Slow: \(String(repeating: "x", count: 1000))".utf8)
            slowBodies.send(
                HTTPClient.request("POST", "/orders", headers: [("Content-Type", "application/json"), ("Content-Length", "1000")]))

            var (heads, bodies) = (0, 0)
            let end = ContinuousClock.now + .seconds(120)
            var place = 0
            repeat {
                slowHeads.send([text[place]])
                slowBodies.send([UInt8(ascii: " ")])
                place += 1
                let id = try await orders.place()
                #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
                try await Task.sleep(for: .seconds(1))
                for (_, answer) in slowHeads.answers() {
                    #expect(answer.status == 408)
                    heads += 1
                }
                for (_, answer) in slowBodies.answers() {
                    #expect(answer.status == 408)
                    orders.check(answer, to: "POST", "/orders")
                    bodies += 1
                }
            } while slowHeads.openCount + slowBodies.openCount > 0 && ContinuousClock.now < end
            // Of a connection that is closed while it still sends, the answer may be lost.
            #expect(slowHeads.openCount + slowBodies.openCount == 0)
            #expect(heads > 250 && bodies > 250)
            #expect(try residentMiB(of: suite[.order].pid) < 400)

            // Not one of the idle ones was sacrificed.
            idle.send(Self.order)
            try await eventually("answers to the idle ones") { () -> Void? in
                accepted += idle.answers().count { $0.answer.status == 201 }
                return accepted == 2000 ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 35, more connections than descriptors: those at rest give way, operators and events go on`() async throws {
        try await DaemonSuite.run { suite in
            let daemon = try suite.launch(.order, openFiles: 300)
            try await daemon.ready()
            try await suite.start([.inventory, .payment])
            let crowd = try Crowd(of: 300, to: suite.port(of: .order))
            crowd.send(Array("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            // Who gives way before its request was read, gets no answer.
            var answered: Set<Int> = []
            try await eventually("an answer to everybody who did not have to give way") { () -> Void? in
                answered.formUnion(crowd.answers().map(\.member))
                return answered.union(crowd.closed).count == 300 ? () : nil
            }
            #expect(answered.count > 100)
            #expect(try await suite.status(.order)["reasons"]?.array?.contains { $0.string?.contains("places for rest") == true } == true)
            let placed = try await suite.admin(.order).post("/orders", json: RESTClient.body())
            #expect(placed.status == 201)
            let id = try #require(try placed.json["orderId"]?.string)
            #expect(try await suite.admin(.order).get("/orders/\(id)?wait=30s").json["status"]?.string == "APPROVED")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd").count < 280)
            crowd.close()
            let orders = try RESTClient(.order)
            #expect(try await orders.decided(try await orders.place())["status"]?.string == "APPROVED")
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 35, file descriptors exhausted: accepting pauses, orders and events go on, and it resumes`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let pid = try suite[.order].pid
            let orders = try RESTClient(.order)
            _ = try await orders.decided(try await orders.place())
            let patient = try await HTTPConnection(.tcp(port: suite.port(of: .order)))
            try await patient.send(Self.order)
            #expect(try await patient.answer().status == 201)

            let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
            // prlimit(2) is not to be had in Swift.
            try #require(system("prlimit --pid \(pid) --nofile=\(used + 20)") == 0)
            let crowd = try Crowd(of: 100, to: suite.port(of: .order))
            crowd.send(Array("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            var answered = 0
            try await eventually("answers to those that are let in") { () -> Void? in
                answered += crowd.answers().count
                return answered > 0 ? () : nil
            }
            for _ in 0..<20 {
                try await patient.send(Self.order)
                #expect(try await patient.answer().status == 201)
            }
            answered += crowd.answers().count
            #expect(answered <= 30)
            crowd.close()
            try await eventually("a decision of all orders", within: .seconds(30)) { () -> Void? in
                try await orders.get("/orders?status=PENDING").json["orders"]?.array?.isEmpty == true ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 47, thousands who ask to wait and go away: the others do not wait for them`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let wait = HTTPClient.request("GET", "/orders/\(try await orders.place())?wait=60s")
            for _ in 0..<4200 { try Crowd(of: 1, to: suite.port(of: .order)).send(wait) }
            let start = ContinuousClock.now
            #expect(try await orders.get("/livez").status == 200)
            // The waits would take a minute.
            #expect(ContinuousClock.now - start < .seconds(10))
            try await eventually("no request that waits") {
                let metrics = try await suite.admin(.order).get("/metrics").text
                return metrics.contains("saga_http_waiting{listener=\"rest\"} 0\n") ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20))) func `Fault 47, silent and waiting connections on the admin socket: operators get in`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let id = try await RESTClient(.order).place()
            var others: [HTTPConnection] = []
            for _ in 0..<70 { others.append(try await HTTPConnection(.unix(path: suite.adminSocket(of: .order)))) }
            #expect(try await suite.sagactl("orders", "show", id).exit == .code(0))
            for _ in 0..<70 {
                let connection = try await HTTPConnection(.unix(path: suite.adminSocket(of: .order)))
                try await connection.send(HTTPClient.request("GET", "/orders/\(id)?wait=60s"))
                others.append(connection)
            }
            #expect(try await suite.sagactl("orders", "show", id).exit == .code(0))
            #expect(try suite[.order].log.contains("places for admin"))
        }
    }

    @Test func `a thousand requests at once on one connection are answered one after the other, and in order`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let connection = try await HTTPConnection(.tcp(port: suite.port(of: .order)))
            async let sending: Void = connection.send((0..<1000).flatMap { HTTPClient.request("GET", $0 % 2 == 0 ? "/livez" : "/nothing") })
            for number in 0..<1000 { #expect(try await connection.answer().status == (number % 2 == 0 ? 200 : 404)) }
            try await sending
        }
    }

    @Test(.timeLimit(.minutes(20))) func `Fault 33, a slow head behind a full request: 408 too`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let connection = try await HTTPConnection(.tcp(port: suite.port(of: .order)))
            try await connection.send(HTTPClient.request("GET", "/livez"))
            #expect(try await connection.answer().status == 200)
            try await connection.send("GET /livez HT")
            let answer = try await connection.answer(within: .seconds(40))
            #expect(answer.status == 408)
            try RESTClient(.order).check(answer, to: "POST", "/orders")
            try await connection.closed()
        }
    }

    private func residentMiB(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber))) / 1024
    }
}
