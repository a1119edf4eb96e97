import SagaTestSupport
import Foundation
import Glibc
import Testing
import Posix

struct UnixSocketAddressTests {
    let directory = try! TestDirectory()

    @Test func `Fault 30, a stale admin socket file: removed when nobody answers on it`() throws {
        let path = directory.path + "/stale.sock"
        close(try bound(path))
        try UnixSocketAddress(path).makeFree()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aPathWithoutAFileIsFree() throws {
        try UnixSocketAddress(directory.path + "/none.sock").makeFree()
    }

    @Test func `Fault 30, a stale admin socket file: it stays where somebody answers`() throws {
        let path = directory.path + "/used.sock"
        let descriptor = try bound(path)
        defer { close(descriptor) }
        // More often than its queue is long: a full one is somebody, too.
        for _ in 0..<3 {
            #expect(throws: UnixSocketError.inUse(path)) { try UnixSocketAddress(path).makeFree() }
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileOfAnotherKindStays() throws {
        let path = directory.path + "/notes.txt"
        try Data("keep".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: UnixSocketError.notASocket(path)) { try UnixSocketAddress(path).makeFree() }
        #expect(FileManager.default.contents(atPath: path) == Data("keep".utf8))
    }

    @Test func aPathOverTheLimitIsRefused() throws {
        let longest = "/" + String(repeating: "a", count: 106)
        _ = try UnixSocketAddress(longest)
        #expect(throws: UnixSocketError.tooLong(longest + "a")) { try UnixSocketAddress(longest + "a") }
    }

    @Test func theSocketIsForOwnerAndGroup() throws {
        let path = directory.path + "/mode.sock"
        let descriptor = try bound(path)
        defer { close(descriptor) }
        try UnixSocketAddress(path).admitGroup(named: UnixSocketAddress.group)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o660)
    }

    @Test func theSocketIsGivenToTheGroup() throws {
        let path = directory.path + "/group.sock"
        let descriptor = try bound(path)
        defer { close(descriptor) }
        // A group that is everywhere; giving files to it takes root or membership.
        try UnixSocketAddress(path).admitGroup(named: "daemon")
        let daemon = try #require(getgrnam("daemon")).pointee.gr_gid
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_gid == (geteuid() == 0 ? daemon : getegid()))
    }

    @Test func aGroupThatDoesNotExistIsNoError() throws {
        let path = directory.path + "/nogroup.sock"
        let descriptor = try bound(path)
        defer { close(descriptor) }
        try UnixSocketAddress(path).admitGroup(named: "there-is-no-such-group")
    }

    private func bound(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(code == 0)
        try #require(listen(descriptor, 0) == 0)
        return descriptor
    }
}
