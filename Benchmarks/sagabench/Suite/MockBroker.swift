import Glibc

/// librdkafka's mock broker as a process of its own, so that what it costs is told apart. It keeps nothing and ends with this process.
struct MockBroker: Sendable {
    /// A real broker answers a waiting fetch as soon as there is something; this one waits out the time an empty fetch was given, which
    /// would be all that a latency shows.
    static let promptness = (
        properties: ["fetch.wait.max.ms": "1"], remark: "kafka: fetch.wait.max.ms is 1, as the mock broker waits out an empty fetch"
    )

    let process: ChildProcess
    let bootstrapServers: String
    private let input: Int32

    static func start(_ program: String, topics: [String], partitions: Int) async throws -> MockBroker {
        let (inputReader, input) = try pipe()
        let (output, outputWriter) = try pipe()
        defer {
            close(inputReader)
            close(outputWriter)
        }
        let process = try ChildProcess.start(
            program, topics.flatMap { ["--topic", "\($0):\(partitions)"] }, streams: .init(input: inputReader, output: outputWriter))
        let greeting = try await BlockingWork.run {
            defer { close(output) }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = read(output, &bytes, bytes.count)
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
        guard greeting.hasPrefix("bootstrap ") else { throw BenchError("\(program) did not say where it listens") }
        return MockBroker(
            process: process, bootstrapServers: String(greeting.dropFirst("bootstrap ".count).prefix { $0 != "\n" }), input: input)
    }

    func stop() async throws {
        close(input)
        _ = try await process.exit()
    }

    private static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        // Closed on exec: a daemon that held the broker's input open would keep it alive.
        guard Glibc.pipe(&ends) == 0 else { throw BenchError("no pipe to be had", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
