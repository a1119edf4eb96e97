import SagaTestSupport
import struct Saga.ServiceName
import AdminStub
import Foundation
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import AdminAPI
import Wire

@Suite struct AdminClientTests {
    let directory: TestDirectory
    let socket: String

    init() throws {
        directory = try TestDirectory()
        socket = directory.path + "/admin.sock"
    }

    private var client: AdminClient { AdminClient(service: .order, socketPath: socket, requestTimeout: .seconds(5)) }

    private static let order = Order(
        orderId: "o-1", userId: 1, productId: 2, quantity: 3, amount: 400, status: .pending, createdAt: "2026-01-31T12:00:00.000Z",
        updatedAt: "2026-01-31T12:00:00.000Z")

    private static let json = """
        {"orderId":"o-1","userId":1,"productId":2,"quantity":3,"amount":400,"status":"PENDING","createdAt":"2026-01-31T12:00:00.000Z",\
        "updatedAt":"2026-01-31T12:00:00.000Z"}
        """

    @Test func `an answer is decoded, and the request was what the route says`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .json(Self.json, status: 201) }
        let order = try await client.createOrder(
            OrderRequest(userId: 1, productId: 2, quantity: 3, amount: 400), idempotencyKey: "key-1")
        #expect(order == Self.order)
        let request = try #require(stub.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/orders")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["idempotency-key"] == "key-1")
        #expect(request.body == #"{"amount":400,"productId":2,"quantity":3,"userId":1}"#)
        try await stub.stop()
    }

    @Test func `a missing socket is told with how to start the daemon`() async throws {
        let error = await #expect(throws: AdminError.self) { try await client.order("o-1") }
        #expect(error == .unreachable(.order, socketPath: socket, .noSocket))
        #expect(error?.description == "order: no socket at \(socket): is saga-order running? systemctl start saga-order")
    }

    @Test func `a socket file that nobody listens on is refused`() async throws {
        // As a killed daemon leaves it: bound, and its owner gone. Closed on exec, or a child of another test would keep it alive.
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        #expect(code == 0)
        close(descriptor)
        await #expect(throws: AdminError.unreachable(.order, socketPath: socket, .refused)) { try await client.order("o-1") }
    }

    @Test func `a socket path that is too long is told so`() async throws {
        let long = directory.path + "/" + String(repeating: "x", count: 120)
        let error = await #expect(throws: AdminError.self) {
            try await AdminClient(service: .payment, socketPath: long).payment("o-1")
        }
        #expect(error?.description.contains("at most 107 bytes") == true)
    }

    @Test(arguments: [
        (ENOENT, "systemctl start saga-payment"), (ECONNREFUSED, "systemctl start saga-payment"),
        (EACCES, "group sagad may use it, and group sagad-read may look"), (EMFILE, "Too many open files"),
    ])
    func `what connect says becomes a hint`(code: CInt, hint: String) {
        let error = AdminError.unreachable(
            .payment, socketPath: "/run/sagad/payment/admin.sock", .init(errno: code, socketPath: "/proc/self/admin.sock"))
        #expect(error.description.contains(hint))
    }

    @Test func `a problem is thrown with its detail`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .problem(status: 409, detail: "the order is APPROVED") }
        let error = await #expect(throws: AdminError.self) { try await client.cancelOrder("o-1") }
        #expect(error?.problemStatus == 409)
        #expect(error?.description == "the order is APPROVED")
        try await stub.stop()
    }

    @Test func `an error that is no problem document is still a refusal`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .json("<h1>no</h1>", status: 500, contentType: "text/html") }
        let error = await #expect(throws: AdminError.self) { try await client.status() }
        #expect(error?.problemStatus == 500)
        try await stub.stop()
    }

    @Test func `an answer that does not come is given up`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .silence }
        var client = client
        client.requestTimeout = .milliseconds(50)
        await #expect(throws: AdminError.timedOut(.order, socketPath: socket, after: .milliseconds(50))) { try await client.status() }
        try await stub.stop()
    }

    @Test func `a connection that ends before the answer is lost`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .hangUp }
        await #expect(throws: AdminError.connectionLost(.order, socketPath: socket)) { try await client.status() }
        try await stub.stop()
    }

    @Test func `a body over the limit is not read to its end`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .json(String(repeating: " ", count: 1 << 20)) }
        var client = client
        client.bodyLimit = 1000
        let error = await #expect(throws: AdminError.self) { try await client.status() }
        #expect(error?.description.contains("more than 1000 bytes") == true)
        try await stub.stop()
    }

    @Test(arguments: ["", "{", "[]", #"{"orderId":1}"#])
    func `an answer of the wrong shape is malformed`(body: String) async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .json(body) }
        let error = await #expect(throws: AdminError.self) { try await client.order("o-1") }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try await stub.stop()
    }

    @Test func `what is not HTTP is malformed`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(MailServer()) }
            }
            .bind(unixDomainSocketPath: socket).get()
        let error = await #expect(throws: AdminError.self) { try await client.status() }
        #expect(error?.description.contains("it is not HTTP") == true)
        try await server.close()
    }

    @Test func `a canceled task does not wait for its answer`() async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .silence }
        let client = client
        let task = Task { try await client.status() }
        while stub.requests.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: AdminError.connectionLost(.order, socketPath: socket)) { try await task.value }
        try await stub.stop()
    }

    @Test(arguments: [(Duration.seconds(10), "wait=10000ms"), (.milliseconds(500), "wait=500ms"), (.microseconds(1), "wait=1ms")])
    func `a wait is sent with its unit`(wait: Duration, query: String) async throws {
        let stub = try await StubDaemon(socketPath: socket) { _ in .json(Self.json) }
        _ = try await client.order("o-1", wait: wait)
        #expect(stub.requests.map(\.target) == ["/orders/o-1?\(query)"])
        try await stub.stop()
    }
}

/// Answers whatever it hears with something that is not HTTP.
private final class MailServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "220 mail ready\r\n")), promise: nil)
    }
}
