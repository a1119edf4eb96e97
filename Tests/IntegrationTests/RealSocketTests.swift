import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// What only real connections to real daemons show. What is asked over them, `ServiceTests` ask in process.
@Suite(.daemons(), .showingLogs) struct RealSocketTests {
    let orders = try! RESTClient(.order)

    @Test func `Fault 33, idle connections: they do not hinder anybody`() async throws {
        let orders = try RESTClient(.order)
        let idle = try await withThrowingTaskGroup { group in
            for _ in 0..<200 { group.addTask { try await HTTPConnection(orders.client.address) } }
            return try await group.reduce(into: [HTTPConnection]()) { $0.append($1) }
        }
        let id = try await orders.place()
        #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
        for connection in idle.prefix(10) {
            try await connection.send(HTTPClient.request("GET", "/livez"))
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test(.timeLimit(.minutes(20))) func `Fault 33, an endless body: refused, and the connection closed`() async throws {
        let connection = try await HTTPConnection(orders.client.address)
        try await connection.send(HTTPClient.request("POST", "/orders", headers: [("Transfer-Encoding", "chunked")]))
        let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
        let sender = Task { while !Task.isCancelled { try await connection.send(chunk) } }
        let answer = try await connection.answer()
        #expect(answer.status == 413)
        orders.check(answer, to: "POST", "/orders")
        try await connection.closed()
        sender.cancel()
    }
}
