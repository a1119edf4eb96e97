import Foundation
import OrderService
import PaymentService
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `GET /orders/changes`, live and from where somebody broke off.
@Suite(.timeLimit(.minutes(1))) struct OrderChangeTests {
    private static func follow(_ service: OrderInProcess, _ query: String = "", headers: [(String, String)] = []) async throws
        -> HTTPConnection
    {
        let connection = try await HTTPConnection(service.rest.address)
        try await connection.send(HTTPClient.request("GET", "/orders/changes\(query)", headers: headers))
        return connection
    }

    private static func event(_ position: Int, _ order: String) -> String { "id: \(position)\nevent: order\ndata: \(order)\n\n" }

    @Test func `each change comes once, in order, as the order was then`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            _ = try await orders.place()
            let live = try await Self.follow(service)
            try await live.received("id: 1\n\n")
            let placed = try await orders.post("/orders", json: RESTClient.body())
            let id = try #require(try placed.json["orderId"]?.string)
            try await service.hear(.declined(try #require(OrderID(id))))
            let canceled = try await orders.get("/orders/\(id)").text
            let text = try await live.received(#""reason":"PAYMENT_FAILED""#)
            let expected = [Self.event(2, placed.text), Self.event(3, canceled)]
            let bodies = text.components(separatedBy: "\r\n").filter { $0.hasPrefix("id: ") }.joined()
            #expect(bodies == "id: 1\n\n" + expected.joined())
            // The header wins.
            let rest = try await Self.follow(service, "?after=0", headers: [("Last-Event-ID", "2")])
            let late = try await rest.received(#""reason":"PAYMENT_FAILED""#)
            #expect(late.contains(expected[1]) && !late.contains("id: 2\n"))
        }
    }

    @Test func `a position that is none or is yet to come is 400, one that is not kept any more is 410`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            for _ in 0..<3 { _ = try await orders.place() }
            for position in ["", "x", "-1", "+1", "01", "1.0", "4", "9223372036854775807", "9223372036854775808"] {
                #expect(try await orders.get("/orders/changes?after=\(position)").status == 400, "\(position)")
                #expect(try await orders.get("/orders/changes", headers: [("Last-Event-ID", position)]).status == 400, "\(position)")
            }
            #expect(try await orders.get("/orders/changes?before=1").status == 400)
            #expect(try await orders.ask("HEAD", "/orders/changes").status == 200, "and no stream")
            #expect(try await orders.post("/orders/changes").status == 405)
            try await service.execute("DELETE FROM outbox WHERE seq <= 2")
            #expect(try await orders.get("/orders/changes?after=1").status == 410)
            let kept = try await Self.follow(service, "?after=2")
            try await kept.received("id: 3\n")
        }
    }

    @Test func `a comment comes to whom nothing happens, within 15 s`() async throws {
        try await OrderInProcess.run { service in
            let live = try await Self.follow(service)
            try await live.received("id: 0\n\n")
            try await eventually("one that waits") { service.waiting == 1 ? () : nil }
            for _ in 0..<13 {
                try await service.time.sleeper(for: .seconds(1))
                await service.time.advance(by: .seconds(1))
            }
            #expect(!(try await live.received("id: 0\n\n")).contains(":\n\n"))
            try await service.time.sleeper(for: .seconds(1))
            await service.time.advance(by: .seconds(1))
            try await live.received(":\n\n")
        }
    }

    @Test func `who follows holds up neither its own end nor that of the service`() async throws {
        try await OrderInProcess.run { service in
            let (gone, live) = (try await Self.follow(service), try await Self.follow(service))
            for connection in [gone, live] { try await connection.received("id: 0\n\n") }
            try await eventually("two that wait") { service.waiting == 2 ? () : nil }
            gone.close()
            try await eventually("one that waits") { service.waiting == 1 && service.connections == 1 ? () : nil }
            service.stop()
            try await live.closed()
        }
    }
}
