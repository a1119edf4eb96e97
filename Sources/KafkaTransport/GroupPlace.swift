import Glibc

/// The name of a daemon's place in its consumer group.
package enum GroupPlace {
    /// Belongs to whoever holds the lock on this very directory, with this very database: the same after a restart, another one for every
    /// copy. Host and path alone do not tell copies apart, as hosts may have one name; so the directory's inode and the boot of the
    /// kernel count too. Where a name changes without need, as by a reboot, the former session has to run out first.
    package static func name(of directory: String, database: UInt128) -> String {
        var status = stat()
        _ = stat(directory, &status)
        // FNV-1a: the same in every process, which `Hasher` is not.
        let hash = "\(directory)#\(database)#\(status.st_dev)#\(status.st_ino)#\(boot)".utf8
            .reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return legal("\(host)\(directory.suffix(longestPath))-\(String(hash, radix: 16))")
    }

    /// So that a name has no more than the 249 characters that Kafka takes.
    private static let longestPath = 128

    /// As far as a group takes its characters.
    private static func legal(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "-" })
    }

    private static var host: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { buffer in
            buffer.initialize(repeating: 0)
            // A non-empty allocation has a base address; the last byte stays zero.
            return gethostname(buffer.baseAddress!, buffer.count - 1) == 0 ? String(cString: buffer.baseAddress!) : "unknown"
        }
    }

    /// Of the kernel that runs (random(4)).
    private static var boot: String {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "" }
        defer { fclose(file) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            fgets(buffer.baseAddress!, CInt(buffer.count), file) == nil ? "" : String(cString: buffer.baseAddress!)
        }
    }
}
