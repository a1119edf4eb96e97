import SagaTestSupport
import struct Saga.ServiceName
import AdminAPI
import AdminStub
import Foundation
import Testing
import Wire

extension SagactlTests {
    @Test func `a list longer than a page follows the cursor`() async throws {
        let orders = (1...3).map { Self.order(.approved, "o-\($0)") }
        let stub = try await daemon(
            .order,
            [
                "GET /orders?status=APPROVED&limit=3": Self.json(OrderPage(orders: Array(orders[..<2]), nextCursor: "c")),
                "GET /orders?status=APPROVED&limit=1&cursor=c": Self.json(OrderPage(orders: [orders[2]], nextCursor: "d")),
            ])
        let outcome = try await sagactl("orders --status approved --limit 3 --json")
        #expect(outcome.code == 0)
        let page = try AdminJSON.decode(OrderPage.self, from: Data(outcome.output.utf8))
        #expect(page == OrderPage(orders: orders, nextCursor: "d"))
        try await stub.stop()
    }

    @Test func `an unknown order exits 1 and a refused cancellation too`() async throws {
        let stub = try await daemon(.order, ["POST /orders/o-1/cancel": .problem(status: 409, detail: "the order is APPROVED")])
        #expect(try await sagactl("orders show o-2").code == 1)
        let canceled = try await sagactl("orders cancel o-1 --json")
        #expect(canceled.code == 1)
        #expect(canceled.output == #"{"error":{"code":1,"message":"the order is APPROVED"}}"# + "\n")
        #expect(canceled.errors == "sagactl: the order is APPROVED\n")
        try await stub.stop()
    }

    @Test(arguments: [(.approved, nil, 0), (.canceled, "PAYMENT_FAILED", 1), (.pending, nil, 1)] as [(Order.Status, String?, Int32)])
    func `create waits for the outcome and exits with it`(status: Order.Status, reason: String?, code: Int32) async throws {
        let final = Self.order(status, reason: reason)
        let stub = try await StubDaemon(socketPath: socket(.order)) { request in
            request.method == "POST" ? Self.json(Self.order(.pending)) : Self.json(final)
        }
        let outcome = try await sagactl("orders create --user 1 --product 1 --quantity 1 --amount 1000 --wait 50ms --json")
        #expect(outcome.code == code)
        #expect(try AdminJSON.decode(Order.self, from: Data(outcome.output.utf8)) == final)
        #expect(stub.requests.first?.body == #"{"amount":1000,"productId":1,"quantity":1,"userId":1}"#)
        try await stub.stop()
    }

    @Test(arguments: [("", "--idempotency-key"), (" --idempotency-key k", "safe to run the same command again")])
    func `a connection lost while creating says whether to try again`(option: String, advice: String) async throws {
        let stub = try await StubDaemon(socketPath: socket(.order)) { _ in .hangUp }
        let outcome = try await sagactl("orders create --user 1 --product 1 --quantity 1 --amount 1000" + option)
        #expect(outcome.code == 69)
        #expect(outcome.errors.contains(advice))
        #expect(stub.requests.count == 1)
        try await stub.stop()
    }

    @Test func `watch prints the state at once and then the change, a document a line`() async throws {
        let stub = try await daemon(
            .order,
            ["GET /orders/o-1": Self.json(Self.order(.pending)), "GET /orders/o-1?wait=60000ms": Self.json(Self.order(.approved))])
        let outcome = try await sagactl("orders watch o-1 --json")
        #expect(outcome.code == 0)
        let states = try outcome.output.split(separator: "\n").map { try AdminJSON.decode(Order.self, from: Data($0.utf8)).status }
        #expect(states == [.pending, .approved])
        try await stub.stop()
    }

    @Test func `watch and create --wait go on across a restart`() async throws {
        for line in ["orders watch o-1 --json", "orders create --user 1 --product 1 --quantity 1 --amount 1 --wait 60s --json"] {
            let path = try socket(.order)
            let asked = AsyncStream.makeStream(of: Void.self)
            let first = try await StubDaemon(socketPath: path) { request in
                guard request.target.contains("wait=") else { return Self.json(Self.order(.pending)) }
                asked.continuation.yield()
                return .hangUp
            }
            async let running = sagactl(line)
            for await _ in asked.stream { break }
            // Both the one that ended and the one that is not there yet are part of a restart.
            try await first.stop()
            try? FileManager.default.removeItem(atPath: path)
            let second = try await StubDaemon(socketPath: path) { _ in Self.json(Self.order(.approved)) }
            let outcome = try await running
            #expect(outcome.code == 0)
            let last = try #require(outcome.output.split(separator: "\n").last)
            #expect(try AdminJSON.decode(Order.self, from: Data(last.utf8)).status == .approved)
            #expect(outcome.errors.contains("waiting for it to come back"))
            try await second.stop()
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    // MARK: Trace

    @Test func `a trace names the daemons that are missing`() async throws {
        let stub = try await daemon(
            .order, ["GET /trace/\(SagaFixture.orderId)": Self.json(SagaFixture.orderApproved)])
        let outcome = try await sagactl("trace \(SagaFixture.orderId) --json")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains(#""unreachable":["inventory","payment"],"waitingFor":[]"#))
        #expect(try await sagactl("trace other").code == 1)
        try await stub.stop()
    }
}
