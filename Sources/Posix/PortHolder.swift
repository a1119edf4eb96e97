import Glibc

/// Who listens on a TCP port of this machine, as far as this process may see: what an operator asks first when an address is in use.
///
/// The kernel lists sockets with their inode and user (proc(5), /proc/net/tcp); whose descriptor an inode is only shows in processes
/// of the own user, or to root, and under `ProtectProc=invisible` others are not to be seen at all.
package enum PortHolder {
    /// In words; nil when nobody is found.
    package static func description(port: Int) -> String? {
        for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
            for line in lines(of: table) {
                let fields = line.split(separator: " ")
                // local address, state (0A: listening), user, inode
                guard fields.count > 9, fields[3] == "0A", Int(fields[1].split(separator: ":").last ?? "", radix: 16) == port else {
                    continue
                }
                return process(withSocket: String(fields[9])) ?? user(String(fields[7]))
            }
        }
        return nil
    }

    private static func process(withSocket inode: String) -> String? {
        for pid in entries(of: "/proc") where pid.allSatisfy(\.isNumber) {
            for descriptor in entries(of: "/proc/\(pid)/fd")
            where target(of: "/proc/\(pid)/fd/\(descriptor)") == "socket:[\(inode)]" {
                let name = lines(of: "/proc/\(pid)/comm").first.map { " (\($0))" } ?? ""
                return "process \(pid)\(name)"
            }
        }
        return nil
    }

    private static func user(_ id: String) -> String {
        let name = uid_t(id).flatMap { getpwuid($0) }.map { String(cString: $0.pointee.pw_name) }
        return "a process of user \(name ?? id)"
    }

    private static func lines(of path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
            bytes += part[..<count]
        }
    }

    private static func entries(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func target(of link: String) -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { readlink(link, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }
}
