import SagaTestSupport
import Foundation
import Ownership
import Testing

@Suite struct OwnDirectoryTests {
    private let scratch: TestDirectory

    init() throws {
        scratch = try TestDirectory()
    }

    @Test func `What is missing is made, below a sticky directory too`() throws {
        try OwnDirectory.make(scratch.path + "/state/order", mode: 0o750)
        for directory in ["/state", "/state/order"] { #expect(mode(of: scratch.path + directory) == 0o750) }
    }

    @Test(arguments: [0o777, 0o1777, 0o770, 0o722] as [mode_t])
    func `A directory that others can write is refused, with its owner, its mode and the cure`(_ permissions: mode_t) throws {
        let directory = try scratch.directory("order", mode: permissions)
        let error = #expect(throws: UntrustedPath.writable(directory, owner: geteuid(), mode: permissions | S_IFDIR)) {
            try OwnDirectory.make(directory, mode: 0o755)
        }
        #expect(error?.description.contains("chmod go-w \(directory)") == true)
        #expect(error?.description.contains(String(permissions, radix: 8)) == true)
        #expect(mode(of: directory) == permissions)
    }

    @Test func `A directory that others can only read is closed`() throws {
        let directory = try scratch.directory("order", mode: 0o755)
        try OwnDirectory.make(directory, mode: 0o750)
        #expect(mode(of: directory) == 0o750)
    }

    @Test func `Above it nobody else may rename what is there`() throws {
        let open = try scratch.directory("open", mode: 0o777)
        #expect(throws: UntrustedPath.writable(open, owner: geteuid(), mode: 0o777 | S_IFDIR)) {
            try OwnDirectory.make(open + "/order", mode: 0o750)
        }
        try OwnDirectory.make(try scratch.directory("sticky", mode: 0o1777) + "/order", mode: 0o750)
        try OwnDirectory.make(try scratch.directory("group", mode: 0o775) + "/order", mode: 0o750)
    }

    @Test(.enabled(if: isRoot)) func `Somebody else's directory is refused, and so is one's own in it`() throws {
        let foreign = try scratch.directory("foreign", mode: 0o755, owner: nobody)
        for path in [foreign, foreign + "/order"] {
            let error = #expect(throws: UntrustedPath.self) { try OwnDirectory.make(path, mode: 0o750) }
            #expect(error?.description.contains("belongs to nobody") == true, "\(path)")
        }
    }

    @Test(.enabled(if: isRoot)) func `Somebody else's symbolic link is refused, one's own is followed`() throws {
        let target = try scratch.directory("target")
        for (name, owner) in [("mine", geteuid()), ("foreign", nobody)] {
            let link = "\(scratch.path)/\(name)"
            try #require(symlink(target, link) == 0 && lchown(link, owner, owner) == 0)
        }
        try OwnDirectory.make(scratch.path + "/mine/order", mode: 0o750)
        #expect(mode(of: target + "/order") == 0o750)
        #expect(throws: UntrustedPath.self) { try OwnDirectory.make(scratch.path + "/foreign/order", mode: 0o750) }
    }

    @Test func `A file that others can write is refused, one that they can only read is closed`() throws {
        try OwnDirectory.checkFile(scratch.path + "/none", mode: 0o640)
        let read = try scratch.file("read", mode: 0o644)
        try OwnDirectory.checkFile(read, mode: 0o640)
        #expect(mode(of: read) == 0o640)
        let written = try scratch.file("written", mode: 0o666)
        #expect(throws: UntrustedPath.writable(written, owner: geteuid(), mode: 0o666 | S_IFREG)) {
            try OwnDirectory.checkFile(written, mode: 0o640)
        }
        let link = scratch.path + "/link"
        try #require(symlink(read, link) == 0)
        #expect(throws: UntrustedPath.notAFile(link)) { try OwnDirectory.checkFile(link, mode: 0o640) }
    }

    @Test(.enabled(if: isRoot)) func `Somebody else's file is refused`() throws {
        let file = try scratch.file("saga.db", mode: 0o600, owner: nobody)
        #expect(throws: UntrustedPath.self) { try OwnDirectory.checkFile(file, mode: 0o640) }
    }
}
