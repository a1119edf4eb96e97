import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

import Posix
import Wire

/// The disk fills up.
@Suite(.showingLogs) struct DiskSpaceTests {
    @Test(
        arguments: [
            (available: 65 << 20, size: 1 << 40, isShort: false), (63 << 20, 1 << 40, true), (1 << 20, 16 << 20, false),
            (700 << 10, 16 << 20, true), (60 << 20, 1 << 30, false), (50 << 20, 1 << 30, true), (0, 1 << 40, true), (0, 0, false),
        ] as [(available: UInt64, size: UInt64, isShort: Bool)])
    func `little is left below 64 MiB, on a small disk below a twentieth`(_ room: (available: UInt64, size: UInt64, isShort: Bool)) {
        #expect(DiskSpace.Room(available: room.available, size: room.size).isShort == room.isShort)
    }

    @Test func `a disk that cannot be asked is taken to have room`() {
        #expect(DiskSpace(directory: "/nowhere/at/all").shortage == nil)
    }

    /// Needs the right to mount.
    @Test(.enabled(if: Tmpfs.isPossible))
    func `Fault 24, disk almost full: orders are refused, canceling works, and it heals`() async throws {
        try await DaemonSuite.run { suite in
            let disk = try Tmpfs(at: suite.stateDirectory(of: .order))
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            try disk.fill(leaving: 760 << 10)
            let isShort = {
                try await orders.get("/readyz").json["reasons"]?.array?.contains { $0.string?.contains("almost full") == true }
            }
            try await eventually("a reason") { try await isShort() == true ? () : nil }
            let refused = try await orders.post("/orders", json: RESTClient.body())
            #expect(refused["Retry-After"] == "1")
            #expect(try refused.json["detail"]?.string?.contains("almost full") == true)
            #expect(try await orders.get("/readyz").json["status"]?.string == "degraded")
            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            disk.free()
            try await eventually("an accepted order") { try await orders.post("/orders", json: RESTClient.body()).status == 201 ? () : nil }
            #expect(try await isShort() == false)
            try await suite[.order].stop()
        }
    }
}

/// A disk of 16 MiB, gone with this object.
private final class Tmpfs: Sendable {
    private let path: String

    static let isPossible: Bool = {
        guard let directory = try? TestDirectory(), let disk = try? Tmpfs(at: directory.path + "/disk") else { return false }
        _ = disk
        return true
    }()

    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "mode=0750,size=16m") == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit {
        umount2(path, CInt(MNT_DETACH))
    }

    func fill(leaving rest: UInt64) throws {
        var status = statvfs()
        statvfs(path, &status)
        let size = UInt64(status.f_bavail) * UInt64(status.f_frsize) - rest
        try Data(repeating: 1, count: Int(size)).write(to: URL(fileURLWithPath: path + "/ballast"))
    }

    func free() {
        unlink(path + "/ballast")
    }
}
