import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `GET /orders/changes`, as curl sees it.
@Suite(.showingLogs) struct OrderChangesTests {
    private typealias Event = EventStream.Event

    /// What each order went through, in order.
    private static func courses(_ events: [Event]) -> [String: [String]] {
        events.reduce(into: [:]) { $0[$1.order, default: []].append($1.status) }
    }

    @Test(.timeLimit(.minutes(20))) func `every order comes as PENDING and as what it became; who breaks off goes on behind that`()
        async throws
    {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let before = try await orders.place()
            _ = try await orders.decided(before)
            let stream = try EventStream(suite, label: "first")
            try await eventually("the beginning") { stream.position }
            let approved = try await orders.place()
            let canceled = try await orders.place(user: 2)
            _ = try await orders.decided(approved)
            _ = try await orders.decided(canceled)
            let events = try await eventually("four changes") {
                let events = try stream.events
                return events.count >= 4 ? events : nil
            }
            #expect(events.count == 4)
            #expect(events.map(\.position) == events.map(\.position).sorted())
            #expect(OrderChangesTests.courses(events) == [approved: ["PENDING", "APPROVED"], canceled: ["PENDING", "CANCELED"]])
            #expect(stream.text.contains(try await orders.get("/orders/\(canceled)").text), "an event has the order as a request has it")

            let rest = try EventStream(suite, query: "?after=0", headers: ["Last-Event-ID: \(events[1].position)"], label: "rest")
            try await eventually("the rest") { try rest.events.count >= 2 ? () : nil }
            #expect(try rest.events == Array(events[2...]))
            let all = try EventStream(suite, query: "?after=0", label: "all")
            try await eventually("all") { try all.events.count >= 6 ? () : nil }
            #expect(try OrderChangesTests.courses(all.events).keys.contains(before))
            #expect(try all.events.suffix(4) == events[...])
        }
    }

    @Test(.timeLimit(.minutes(20))) func `nothing is left out or repeated across kill -9`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            var events: [Event] = []
            var stream = try EventStream(suite, query: "?after=0", label: "0")
            let load = OrderLoad(suite)
            for round in 1...3 {
                async let placing: Void = load.place(60)
                try await eventually("changes in round \(round)") { try stream.events.count >= 20 ? () : nil }
                try await suite[.order].crash()
                try await eventually("end of the stream") { stream.hasEnded ? () : nil }
                events += try stream.events
                try await suite.start(.order)
                try await placing
                stream = try EventStream(suite, headers: ["Last-Event-ID: \(events.last!.position)"], label: "\(round)")
            }
            try await load.settle()
            let listed = try #require(try await suite.rest(.order).get("/orders?limit=500").json["orders"]?.array)
            try await eventually("all changes") { try events.count + stream.events.count >= 2 * listed.count ? () : nil }
            events += try stream.events
            #expect(events.count == 2 * listed.count)
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
            let outcomes = Dictionary(
                uniqueKeysWithValues: listed.map { ($0["orderId"]?.string ?? "", ["PENDING", $0["status"]?.string ?? ""]) })
            #expect(OrderChangesTests.courses(events) == outcomes)
        }
    }

    @Test(.timeLimit(.minutes(20))) func `a position that is none is 400 for operators too, a forgotten one 410`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            for _ in 0..<3 { _ = try await orders.place() }
            #expect(try await suite.admin(.order).get("/orders/changes?after=x").status == 400)

            try await suite[.order].stop()
            try await suite.start([.inventory, .payment])
            try await suite.start(.order, environment: ["SAGAD_RETENTION": "1ms"])
            for order in try await orders.get("/orders").json["orders"]?.array ?? [] {
                _ = try await orders.decided(order["orderId"]?.string ?? "")
            }
            // Looked at at the start and every minute.
            try await eventually("all of it published") {
                try await suite.status(.order)["outbox"]?["pending"]?.integer == 0 ? () : nil
            }
            try await suite[.order].stop()
            try await suite.start(.order, environment: ["SAGAD_RETENTION": "1ms"])
            try await eventually("410") {
                let answer = try await orders.client.ask("GET", "/orders/changes?after=0", headers: [("Connection", "close")])
                return answer.status == 410 ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 59, a client that does not read: holds up nobody, and a comment comes to whom nothing happens`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let idle = try Crowd(of: 200, to: suite.port(of: .order))
            idle.send(HTTPClient.request("GET", "/orders/changes?after=0"))
            let stream = try EventStream(suite, query: "?after=0", label: "stream")
            let load = OrderLoad(suite)
            try await load.place(1000)
            try await load.settle()
            try await eventually("all changes") { try stream.events.count >= 2000 ? () : nil }
            #expect(try stream.events.count == 2000)
            let (length, end) = (stream.text.utf8.count, ContinuousClock.now + .seconds(16))
            try await eventually("a comment") { stream.text.utf8.count > length ? () : nil }
            #expect(ContinuousClock.now < end)
            #expect(stream.text.hasSuffix(":\n\n"))
            let exit = try await suite[.order].stop()
            #expect(exit == .code(0), "a stream does not hold up the end")
            try await eventually("end of the stream") { stream.hasEnded ? () : nil }
        }
    }
}
