import Glibc

/// How long this disk takes to make one small write durable: a page is written over what is there, as into a write-ahead log that has been
/// used before, and `fdatasync` waits for it. With a pause after each, as between single orders: a disk that has rested is slower.
struct DiskSync {
    private let descriptor: Int32
    private static let page = [UInt8](repeating: 0x5A, count: 4096)
    private static let pages = 256

    /// - Parameter directory: on the file system that is to be measured.
    static func measure(in directory: String, times: Int, pause: Duration) throws -> Histogram {
        let sync = try DiskSync(path: directory + "/sync")
        defer { close(sync.descriptor) }
        var histogram = Histogram()
        for time in 0..<times {
            let begin = ContinuousClock.now
            try sync.write(time % pages)
            histogram.add(ContinuousClock.now - begin)
            usleep(UInt32(pause / .microseconds(1)))
        }
        return histogram
    }

    private init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw BenchError("\(path) could not be made", errno: errno) }
        for page in 0..<Self.pages { try put(page) }
        guard fdatasync(descriptor) == 0 else { throw BenchError("fdatasync failed", errno: errno) }
    }

    private func write(_ page: Int) throws {
        try put(page)
        guard fdatasync(descriptor) == 0 else { throw BenchError("fdatasync failed", errno: errno) }
    }

    private func put(_ page: Int) throws {
        guard pwrite(descriptor, Self.page, Self.page.count, off_t(page * Self.page.count)) == Self.page.count else {
            throw BenchError("a page could not be written", errno: errno)
        }
    }
}
