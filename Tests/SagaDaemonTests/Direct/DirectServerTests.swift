import Glibc
import NIOCore
import Saga
import DirectTransport
import SagaStore
import SagaTestSupport
import Testing
import Posix
import Transport

/// The server against others than its own follower.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct DirectServerTests {
    let directory = try! TestDirectory()

    static let garbage: [(bytes: [UInt8], reason: String)] = [
        (Array("GET / HTTP/1.1\r\n\r\n".utf8), "a frame of 1195725856 bytes is too long"),
        ([0, 0, 0, 0], "malformed length"),
        ([0, 0, 1, 1], "a frame of 257 bytes is too long"),
        ([0xFF, 0xFF, 0xFF, 0xFF], "a frame of 4294967295 bytes is too long"),
        ([0, 0, 0, 1, 9], "malformed frame"),
        ([0, 0, 0, 3, 1, 2, 0], "malformed hello"),
        ([0, 0, 0, 2, 1, 7], "protocol version 7 is not known here, only 2"),
        ([0, 0, 0, 9, 4, 0, 0, 0, 0, 0, 0, 0, 1], "unexpected frame"),
    ]

    @Test(arguments: garbage)
    func whoDoesNotSpeakTheProtocolIsToldAndSentAway(_ bytes: [UInt8], _ reason: String) async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(1)
        try await order.start()
        let peer = try await TestPeer(connectingTo: directory.socket(of: .order))
        try await peer.send(bytes)
        await peer.waitForEnd()
        #expect(peer.frames.state == [.refusal(reason)])
        try await order.events.wait { $0.contains(.connectionRejected(reason: reason)) }

        let inventory = try TestDaemon(.inventory, in: directory)
        try await inventory.start()
        try await inventory.received.wait(for: 1)
        try await inventory.stop()
        try await order.stop()
    }

    @Test func whatACrashLeftAtThePathIsReplacedAndWhoAnswersThereIsNot() async throws {
        let path = directory.socket(of: .order)
        let order = try TestDaemon(.order, in: directory)
        try await order.start()
        let second = try TestDaemon(.order, in: directory, state: "second")
        await #expect(throws: UnixSocketError.inUse(path)) { try await second.start() }
        // The name stays with nobody behind it, as after a crash.
        #expect(link(path, path + ".kept") == 0)
        try await order.stop()
        #expect(rename(path + ".kept", path) == 0)
        try await second.start()
        try await second.tell(1)
        let peer = try await TestPeer(connectingTo: path)
        try await peer.send(.hello(.init(follower: "inventory", position: nil)))
        try await peer.frames.wait(for: 2)
        peer.close()
        try await second.stop()
    }

    @Test func whoSaysNothingIsSentAway() async throws {
        let order = try TestDaemon(.order, in: directory, patience: 50)
        try await order.start()
        let peer = try await TestPeer(connectingTo: directory.socket(of: .order))
        await peer.waitForEnd()
        try await order.stop()
    }

    @Test func connectionsBeyondTheLimitAreClosedAndOthersGoOn() async throws {
        let order = try TestDaemon(.order, in: directory)
        let inventory = try TestDaemon(.inventory, in: directory)
        try await order.start()
        try await inventory.start()
        try await order.events.wait { $0.contains(.followerConnected("inventory", after: 0)) }
        var peers: [TestPeer] = []
        for _ in 0..<40 { peers.append(try await TestPeer(connectingTo: directory.socket(of: .order))) }
        await peers[39].waitForEnd()
        try await order.tell(1)
        try await inventory.received.wait(for: 1)
        for peer in peers { peer.close() }
        try await inventory.stop()
        try await order.stop()
    }

    @Test func aNewConnectionOfASubscriberReplacesTheOldOne() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.start()
        let first = try await TestPeer(connectingTo: directory.socket(of: .order))
        try await first.send(.hello(.init(follower: "inventory", position: nil)))
        try await first.frames.wait(for: 1)
        let second = try await TestPeer(connectingTo: directory.socket(of: .order))
        try await second.send(.hello(.init(follower: "inventory", position: nil)))
        await first.waitForEnd()
        try await order.events.wait { $0.contains(.followerDisconnected("inventory", reason: "replaced by a newer connection")) }
        try await order.tell(1)
        try await second.frames.wait(for: 2)
        second.close()
        try await order.stop()
    }

    @Test func othersThanSubscribersMayReadButTheirAcknowledgementsDoNotCount() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(1)
        try await order.start()
        let observer = try await TestPeer(connectingTo: directory.socket(of: .order))
        try await observer.send(.hello(.init(follower: "auditor", position: nil)))
        let frames = try await observer.frames.wait(for: 2)
        guard case .batch(let batch) = frames[1] else { return #expect(Bool(false), "no batch") }
        #expect(batch.count == 1)
        try await observer.send(.acknowledgement(1))
        try await order.tell(1)
        try await observer.frames.wait(for: 3)
        // Does not keep the daemon from stopping either.
        try await order.stop()
        #expect(order.log.published == 0)
    }

    @Test func acknowledgingWhatWasNeverToldEndsTheConnection() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.start()
        let peer = try await TestPeer(connectingTo: directory.socket(of: .order))
        try await peer.send(.hello(.init(follower: "inventory", position: nil)))
        try await peer.frames.wait(for: 1)
        try await peer.send(.acknowledgement(5))
        await peer.waitForEnd()
        try await order.events.wait { $0.contains(.followerDisconnected("inventory", reason: "unexpected acknowledgement")) }
        #expect(order.log.acknowledged(by: "inventory") == 0)
        try await order.stop()
    }

    /// Each batch says how far the log went when it was made; so it can be seen afterwards how much was made too early.
    @Test func nothingIsPreparedForAFollowerThatDoesNotRead() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.start()
        let peer = try await TestPeer(connectingTo: directory.socket(of: .order), autoRead: false)
        try await peer.send(.hello(.init(follower: "inventory", position: nil)))
        try await order.events.wait { $0.contains(.followerConnected("inventory", after: 0)) }
        for _ in 0..<100 { try await order.tell(200) }
        try await peer.channel.setOption(.autoRead, value: true).get()
        peer.channel.read()
        let frames = try await peer.frames.wait { frames in
            frames.reduce(0) { if case .batch(let batch) = $1 { $0 + batch.count } else { $0 } } == 20_000
        }
        let early = frames.reduce(0) { bytes, frame in
            if case .batch(let batch) = frame, batch.last < 20_000 { bytes + batch.entries.readableBytes } else { bytes }
        }
        // What the socket takes and one batch; the whole is over 4 MB.
        #expect(early < 1_000_000)
        peer.close()
        try await order.stop()
    }
}
