import Foundation

/// A Kafka cluster for a test: `mock-broker` (librdkafka's mock cluster) as a process of its own, listening on loopback.
///
/// A suite that uses it depends on the target `mock-broker`, so that it is built. The process ends with `terminate`, when this object
/// goes, and when the test process dies, as its standard input ends then. It keeps nothing.
package final class MockBrokerProcess: Sendable {
    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    /// The value for `bootstrap.servers`.
    package let bootstrapServers: String

    private let pipes: Pipes

    /// - Parameters:
    ///   - topics: to be there from the start. Producing to any other topic creates it with four partitions.
    ///   - port: of the first broker, the others have those that follow; any when nil. A cluster that is to take the place of another
    ///     one needs its ports: librdkafka 2.0.2 does not find a group's coordinator at a new address.
    package init(brokers: Int = 1, topics: [String: Int] = [:], port: Int? = nil) async throws {
        var arguments = ["--brokers", String(brokers)]
        if let port { arguments += ["--port", String(port)] }
        for (name, partitions) in topics.sorted(by: { $0.key < $1.key }) {
            arguments += ["--topic", "\(name):\(partitions)"]
        }
        let pipes = try Pipes(arguments: arguments)
        let greeting = try await pipes.nextLine()
        guard greeting.hasPrefix("bootstrap ") else { throw Refused(description: "mock-broker said: \(greeting)") }
        self.bootstrapServers = String(greeting.dropFirst("bootstrap ".count))
        self.pipes = pipes
    }

    deinit {
        pipes.terminate()
    }

    /// Sends a command (see `MockCommand` in Tools/mock-broker) and waits until it has taken effect.
    package func send(_ command: String) async throws {
        let answer = try await pipes.nextLine(after: command)
        if answer != "ok" { throw Refused(description: "mock-broker answered \"\(command)\" with: \(answer)") }
    }

    /// Ends it at once, as a crash would, with all it held.
    package func terminate() {
        pipes.terminate()
    }
}

/// The process and its standard streams. All reading and writing is done on `queue`, off the cooperative pool.
private final class Pipes: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let queue = DispatchQueue(label: "mock-broker")
    /// What has been read beyond the last line; used on `queue` only.
    private var pending = Data()

    init(arguments: [String]) throws {
        // Next to the test executable, where SwiftPM puts every product.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("mock-broker")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func nextLine(after command: String? = nil) async throws -> String {
        try await withCheckedThrowingContinuation { line in
            queue.async {
                line.resume(
                    with: Result {
                        if let command { try self.input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8)) }
                        return try self.readLine()
                    })
            }
        }
    }

    func terminate() {
        // Only ever this process: it is not reaped before `process` knows that it has ended.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    private func readLine() throws -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending = Data(pending[pending.index(after: end)...]) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw MockBrokerProcess.Refused(description: "mock-broker has ended") }
            pending.append(data)
        }
    }
}
