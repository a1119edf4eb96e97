import Glibc

/// What a process has used since it started, from proc(5). Reading it costs the process nothing.
struct ProcessUsage: Sendable {
    /// User and system time of all its threads; the kernel counts it in ticks of 10 ms.
    var cpuSeconds = 0.0
    var residentKiB = 0
    var peakResidentKiB = 0
    /// What it caused to be written to storage, its write-ahead log included.
    var writtenBytes = 0
    /// How often each of its threads went to sleep of itself, which is how often it was woken.
    var wakeUps: [String: Int] = [:]

    /// nil when there is no such process, or it belongs to somebody else.
    init?(of pid: pid_t) {
        let directory = "/proc/\(pid)"
        guard let stat = SystemFile.read("\(directory)/stat"), let status = SystemFile.read("\(directory)/status") else { return nil }
        // The name, in parentheses, may hold anything; user and system time are the 14th and 15th field.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        residentKiB = SystemFile.number(of: "VmRSS", in: status) ?? 0
        peakResidentKiB = SystemFile.number(of: "VmHWM", in: status) ?? 0
        writtenBytes = SystemFile.read("\(directory)/io").flatMap { SystemFile.number(of: "write_bytes", in: $0) } ?? 0
        for thread in SystemFile.entries(of: "\(directory)/task") {
            let status = SystemFile.read("\(directory)/task/\(thread)/status") ?? ""
            wakeUps[thread] = SystemFile.number(of: "voluntary_ctxt_switches", in: status)
        }
    }

    /// Of all threads together. Those of a thread that has ended meanwhile went with it.
    static func wakeUps(from before: [String: Int], to after: [String: Int]) -> Int {
        after.reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
    }
}

/// Small files of the kernel's, read whole.
enum SystemFile {
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }

    /// The number behind `name:` at the beginning of a line.
    static func number(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.dropFirst(name.count + 1).split(whereSeparator: { $0 == " " || $0 == "\t" }).first.flatMap { Int($0) }
        }
        return nil
    }

    static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
