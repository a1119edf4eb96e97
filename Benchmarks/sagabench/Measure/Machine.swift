import Glibc

/// Where and in what company a report was made: figures of a busy machine must not pass for those of a quiet one.
struct Machine: Codable, Sendable {
    let processors: Int
    let model: String
    let kernel: String
    /// Of the minute before the run.
    let loadAverage: Double

    static func current() -> Machine {
        let information = SystemFile.read("/proc/cpuinfo") ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        return Machine(
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            model: model.flatMap { $0.split(separator: ":").last.map { String($0.drop { $0 == " " }) } } ?? "unknown",
            kernel: (SystemFile.read("/proc/sys/kernel/osrelease") ?? "").filter { $0 != "\n" },
            loadAverage: Double((SystemFile.read("/proc/loadavg") ?? "").prefix { $0 != " " }) ?? 0)
    }
}
