import NIOCore
import HTTPServer
import SagaTestSupport
import Testing

/// Whoever holds places that others need gives them up.
@Suite(.timeLimit(.minutes(1))) struct ConnectionPlacesTests {
    @Test func `Fault 47, clients that go away while they wait: their requests end at once`() async throws {
        try await TestListener.run { listener in
            for _ in 0..<8 { try await listener.asking("/wait").close() }
            try await left(listener, 0)
        }
    }

    @Test func `who closes one side waits no more, and may read the answers to all that was asked`() async throws {
        try await TestListener.run { listener in
            let connection = try await listener.connection()
            try await connection.send(["/wait", "/nothing", "/wait"].flatMap { HTTPClient.request("GET", $0) })
            try await connection.finish()
            for _ in 0..<3 { #expect(try await connection.answer().status == 204) }
            try await connection.closed()
            try await left(listener, 0)
        }
    }

    @Test func `where all places are taken, connections of the address that holds most give way first`() async throws {
        try await TestListener.run(limit: 8) { listener in
            let patient = try await listener.connection()
            try await patient.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await patient.answer().status == 204)
            let waiting = try await listener.asking("/wait")
            // Not one of them says anything, and there are many times the places.
            let crowd = try Crowd(of: 40, to: listener.port, from: "127.0.0.2")
            for _ in 0..<20 {
                let connection = try await listener.connection()
                try await connection.send(HTTPClient.request("GET", "/nothing", headers: [("Connection", "close")]))
                #expect(try await connection.answer().status == 204)
                try await connection.closed()
            }
            try await patient.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await patient.answer().status == 204)
            #expect(listener.refusals.state.allSatisfy { $0 == .places } && listener.refusals.state.count >= 32)
            #expect(listener.places.condition?.contains("8 places") == true)
            #expect(listener.places.waiting == 1)
            withExtendedLifetime((crowd, waiting)) {}
        }
    }

    @Test func `a request that waits gives way with an answer`() async throws {
        try await TestListener.run(limit: 4) { listener in
            var waiting: [HTTPConnection] = []
            for count in 1...3 {
                waiting.append(try await listener.asking("/wait"))
                try await eventually("\(count) that wait") { listener.places.waiting == count ? () : nil }
            }
            let next = try await listener.asking("/nothing")
            #expect(try await next.answer().status == 204)
            let answer = try await waiting[0].answer()
            #expect(answer.status == 204)
            #expect(answer["Connection"] == "close")
            try await waiting[0].closed()
            #expect(listener.places.waiting == 2)
        }
    }

    @Test func `where all have work at hand, others are refused, but no health probe`() async throws {
        try await TestListener.run(limit: 4) { listener in
            var working: [HTTPConnection] = []
            for _ in 0..<4 { working.append(try await listener.asking("/work")) }
            let refused = try await listener.connection()
            try await refused.send(HTTPClient.request("GET", "/nothing"))
            let answer = try await refused.answer()
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            try await refused.closed()
            let probe = try await listener.connection()
            for path in ["/livez", "/readyz", "/metrics"] {
                try await probe.send(HTTPClient.request("GET", path))
                #expect(try await probe.answer().status == 204)
            }
            listener.finishWork()
            for connection in working { #expect(try await connection.answer().status == 204) }
            #expect(listener.begun.state["/nothing"] == nil)
        }
    }

    @Test func `Fault 47, silent connections: closed after a time, those that have spoken are not`() async throws {
        try await TestListener.run(silence: .seconds(3)) { listener in
            let patient = try await listener.connection()
            try await patient.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await patient.answer().status == 204)
            let silent = try await listener.connection()
            try await silent.closed()
            #expect(listener.refusals.state == [.silence])
            #expect(listener.places.condition == nil)
            try await patient.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await patient.answer().status == 204)
        }
    }

    @Test func `Fault 47, greedy connections: whoever takes no answer gets no second one made`() async throws {
        try await TestListener.run { listener in
            let crowd = try Crowd(of: 4, to: listener.port)
            crowd.send((0..<10).flatMap { _ in HTTPClient.request("GET", "/page") })
            try await listener.begun.wait(for: "requests") { ($0["/page"] ?? 0) >= 4 ? () : nil }
            let other = try await listener.connection()
            for _ in 0..<20 {
                try await other.send(HTTPClient.request("GET", "/nothing"))
                #expect(try await other.answer().status == 204)
            }
            #expect(try #require(listener.begun.state["/page"]) == 4)
            // And nothing is lost for whoever does take it.
            var answered = 0
            try await eventually("all answers") { () -> Void? in
                answered += crowd.answers().count
                return answered == 40 ? () : nil
            }
        }
    }

    @Test func `Fault 47, greedy connections: all together they make the service hold no more than a limit`() async throws {
        try await TestListener.run(unwritten: 4 << 20) { listener in
            let crowd = try Crowd(of: 16, to: listener.port, from: "127.0.0.2")
            crowd.send(HTTPClient.request("GET", "/page") + HTTPClient.request("GET", "/page"))
            try await listener.refusals.wait(for: "refusals") { $0.contains(.memory) ? () : nil }
            #expect(listener.places.condition?.contains("do not take") == true)
            let other = try await listener.connection()
            try await other.send(HTTPClient.request("GET", "/page"))
            #expect(try await other.answer().body == TestListener.page)
            withExtendedLifetime(crowd) {}
        }
    }

    private func left(_ listener: TestListener, _ count: Int) async throws {
        try await eventually("\(count) connections") { listener.places.count == count ? () : nil }
    }
}
