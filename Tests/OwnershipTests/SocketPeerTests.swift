import SagaTestSupport
import Foundation
import Testing

@testable import Ownership

@Suite struct SocketPeerTests {
    private let scratch: TestDirectory

    init() throws {
        scratch = try TestDirectory()
    }

    @Test func `Root and this user are believed, others are not`() throws {
        let peer = try SocketPeer(at: try scratch.directory("order") + "/admin.sock")
        for user in [0, geteuid()] { try peer.require(user: user, isHidden: false) }
        #expect(throws: UntrustedPath.foreignPeer(scratch.path + "/order/admin.sock", user: 12345)) {
            try peer.require(user: 12345, isHidden: false)
        }
        #expect(throws: UntrustedPath.self) { try peer.require(user: nobody, isHidden: false) }
    }

    @Test func `A user who has no number here is left to the directory's guard`() throws {
        let peer = try SocketPeer(at: try scratch.directory("order") + "/admin.sock")
        try peer.require(user: SocketPeer.overflow, isHidden: true)
        #expect(throws: UntrustedPath.self) { try peer.require(user: 12345, isHidden: true) }
    }

    @Test(arguments: [0o777, 0o1777, 0o770] as [mode_t])
    func `A directory in which others could have put a socket is refused`(_ permissions: mode_t) throws {
        let directory = try scratch.directory("order", mode: permissions)
        #expect(throws: UntrustedPath.self) { try SocketPeer(at: directory + "/admin.sock") }
    }

    @Test(.enabled(if: isRoot)) func `The owner of the directory is believed where this user has let him in`() throws {
        let directory = try scratch.directory("order", mode: 0o750, owner: nobody)
        let peer = try SocketPeer(at: directory + "/admin.sock")
        try peer.require(user: nobody, isHidden: false)

        let runtime = try scratch.directory("shared", mode: 0o1777)
        try #require(mkdir(runtime + "/order", 0o755) == 0 && chown(runtime + "/order", nobody, nobody) == 0)
        #expect(throws: UntrustedPath.self) { try SocketPeer(at: runtime + "/order/admin.sock") }
        let foreign = try scratch.directory("foreign", mode: 0o755, owner: nobody)
        try #require(mkdir(foreign + "/order", 0o755) == 0)
        #expect(throws: UntrustedPath.self) { try SocketPeer(at: foreign + "/order/admin.sock") }
    }

    @Test func `A directory that is not there is said to be so`() throws {
        #expect(throws: UntrustedPath.unusable(scratch.path + "/none", ENOENT)) { try SocketPeer(at: scratch.path + "/none/admin.sock") }
    }
}
