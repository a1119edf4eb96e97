import Glibc

/// What every process should say of itself, under the names Prometheus' client libraries agree on. From proc(5); empty where there is none.
package enum ProcessMetrics {
    package static func gauges() -> [Gauge] {
        var gauges: [Gauge] = []
        if let fields = stat() {
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            gauges += [
                Gauge(
                    "process_cpu_seconds_total", "Processor time used, by user and system.", (fields[11] + fields[12]) / ticks,
                    kind: .counter),
                Gauge("process_virtual_memory_bytes", "Size of the address space.", fields[20]),
                Gauge("process_resident_memory_bytes", "Memory in use.", fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))),
                Gauge("process_threads", "Threads.", fields[17]),
            ]
            if let boot = bootTime() {
                gauges.append(Gauge("process_start_time_seconds", "Start of the process, since 1970.", boot + fields[19] / ticks))
            }
        }
        if let open = openDescriptors() { gauges.append(Gauge("process_open_fds", "Open file descriptors.", Double(open))) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            gauges.append(Gauge("process_max_fds", "The most file descriptors that may be open.", Double(limit.rlim_cur)))
        }
        return gauges
    }

    /// The numbers of `/proc/self/stat` behind the state, which is field 3 of proc(5): index 11 is field 14.
    private static func stat() -> [Double]? {
        // The name of the program may have spaces and parentheses in it.
        guard let text = contents(of: "/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        return fields.count > 21 ? fields : nil
    }

    private static func bootTime() -> Double? {
        contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Without the one that reads the directory.
        return count - 1
    }

    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress, 8192))
            }
            if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += part
        }
    }
}
