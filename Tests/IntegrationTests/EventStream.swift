import Foundation
import Saga
import SagaTestSupport
import Wire

/// What curl gets of `GET /orders/changes`, until it is stopped or the server ends it.
final class EventStream: Sendable {
    struct Event: Sendable, Equatable {
        let position: Int64
        let order: String
        let status: String
    }

    private let process: ProgramProcess
    private let file: String

    /// - Parameter headers: for curl, such as `Last-Event-ID: 7`.
    init(_ suite: DaemonSuite, query: String = "", headers: [String] = [], label: String) throws {
        let file = "\(suite.directory.path)/\(label).stream"
        self.file = file
        process = try ProgramProcess.$directory.withValue("/usr/bin") {
            try ProgramProcess(
                "curl",
                ["--silent", "--no-buffer", "--output", file] + headers.flatMap { ["--header", $0] }
                    + ["http://127.0.0.1:\(suite.port(of: .order))/orders/changes\(query)"],
                in: suite.directory.path, label: label)
        }
    }

    /// What has come in full.
    var text: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

    private var blocks: [Substring] {
        text.split(separator: "\n\n", omittingEmptySubsequences: false).dropLast().map { $0 }
    }

    var events: [Event] {
        get throws {
            try blocks.compactMap { block in
                let lines = block.split(separator: "\n")
                guard lines.count == 3, lines[1] == "event: order" else { return nil }
                let order = try JSONValue(parsing: Array(lines[2].dropFirst("data: ".count).utf8))
                return Event(
                    position: Int64(lines[0].dropFirst("id: ".count)) ?? -1, order: order["orderId"]?.string ?? "",
                    status: order["status"]?.string ?? "")
            }
        }
    }

    /// The last position that came, where to go on.
    var position: Int64? {
        blocks.last { $0.hasPrefix("id: ") }.flatMap { Int64($0.prefix { $0 != "\n" }.dropFirst("id: ".count)) }
    }

    var hasEnded: Bool { !process.isRunning }

    func stop() {
        process.signal(SIGKILL)
    }
}
