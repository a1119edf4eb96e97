import Foundation

/// A file system in memory that is as full as a test wants it to be. Unmounted when it is released. Mounting takes root.
package final class SmallDisk: Sendable {
    package let path: String
    private let ballast: Int32

    package init(at path: String, pages: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard mount("tmpfs", path, "tmpfs", 0, "mode=0750,size=\(pages * 4096)") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
        ballast = open(path + "/ballast", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    }

    deinit {
        close(ballast)
        umount2(path, Int32(MNT_DETACH))
    }

    /// Grows or shrinks the ballast until this many pages are free.
    package func fill(leaving free: Int) throws {
        // Others write meanwhile, and take what was counted as free.
        for _ in 0..<100 where try attempt(leaving: free) { return }
        throw POSIXError(.ENOSPC)
    }

    private func attempt(leaving free: Int) throws -> Bool {
        var disk = statvfs()
        var file = stat()
        guard statvfs(path, &disk) == 0, fstat(ballast, &file) == 0 else { throw POSIXError(.EIO) }
        let size = Int(file.st_size) + (Int(disk.f_bfree) - free) * 4096
        let code =
            size > file.st_size
            ? posix_fallocate(ballast, file.st_size, off_t(size) - file.st_size)
            : ftruncate(ballast, off_t(size))
        return code == 0
    }
}
