import Glibc

/// The name of a daemon's place in its consumer group.
package enum GroupPlace {
    /// Belongs to whoever holds the lock on a state directory with this very database: the same after a restart, another one for a copy in
    /// another directory or on another host.
    package static func name(of directory: String, database: UInt128) -> String {
        // FNV-1a: the same in every process, which `Hasher` is not.
        let hash = "\(directory)#\(database)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(host)-\(String(hash, radix: 16))"
    }

    /// As far as a group takes its characters.
    private static var host: String {
        let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            buffer.initialize(repeating: 0)
            // A non-empty allocation has a base address; the last byte stays zero.
            return gethostname(buffer.baseAddress!, buffer.count - 1) == 0 ? String(cString: buffer.baseAddress!) : "unknown"
        }
        return String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" })
    }
}
