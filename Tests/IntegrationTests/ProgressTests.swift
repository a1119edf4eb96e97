import Foundation
import Glibc
import Saga
import SagaTestSupport
import Testing

/// What takes its time says so on a terminal, and nowhere else.
@Suite(.showingLogs) struct ProgressTests {
    /// Each with what it says while the daemons keep it waiting.
    private static let commands: [(arguments: [String], says: String)] = [
        (["dead-letters", "retry", "--all"], "trying dead letters again, "),
        (["dead-letters", "discard", "--all", "--yes"], "discarding dead letters, "),
        (["reconcile"], "comparing orders, "),
        (["reconcile", "--repair", "--yes"], "comparing orders, "),
        (["backup", "saved"], "copying the database of payment, "),
        (["orders", "purge", "--before", "1h", "--yes"], "counting orders, "),
        (["orders", "cancel", "--older-than", "1h", "--yes"], "canceling orders, "),
        (["users", "forget", "7", "--yes"], "forgetting, "),
        (["events", "republish", "--since", "1h"], "queuing events, "),
        (["bugreport", "report.tar.gz"], "gathering, "),
    ]

    @Test func `what takes its time says so on a terminal, takes that away again, and says nothing where it is quick`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let daemons = try ServiceName.allCases.map { try suite[$0] }
            for (number, (arguments, says)) in Self.commands.enumerated() {
                let terminal = try Terminal()
                let label = "on-a-terminal-\(number)"
                try #require(symlink(terminal.path, "\(suite.directory.path)/\(label).err") == 0)
                for daemon in daemons { daemon.signal(SIGSTOP) }
                let program = try ProgramProcess(
                    "sagactl",
                    ["--runtime-directory", "\(suite.directory.path)/run"]
                        + arguments.map { file in
                            ["saved", "report.tar.gz"].contains(file) ? "\(suite.directory.path)/\(file)" : file
                        }, in: suite.directory.path, label: label)
                defer { for daemon in daemons { daemon.signal(SIGCONT) } }
                try await terminal.written.wait(for: "\(arguments): what takes its time") { $0.contains("\r\u{1B}[K\(says)1 s") ? () : nil }
                for daemon in daemons { daemon.signal(SIGCONT) }
                try await program.exited()
                let all = try await terminal.all()
                // Whatever comes behind it, if anything does, begins an empty line.
                let last = try #require(all.split(separator: "\r").last { $0.hasPrefix("\u{1B}[K") })
                #expect(
                    last.hasPrefix("\u{1B}[Ksagactl: ") || last == "\u{1B}[K" || last == "\u{1B}[K\n",
                    "\(arguments): \(all.debugDescription)")
            }

            let terminal = try Terminal()
            try #require(symlink(terminal.path, "\(suite.directory.path)/quick.err") == 0)
            let quick = try ProgramProcess(
                "sagactl", ["--runtime-directory", "\(suite.directory.path)/run", "dead-letters", "retry", "--all"],
                in: suite.directory.path, label: "quick")
            try await quick.exited()
            #expect(try await terminal.all() == "")
        }
    }

    @Test func `nothing of it goes to a file`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let payment = try suite[.payment]
            payment.signal(SIGSTOP)
            defer { payment.signal(SIGCONT) }
            let program = try ProgramProcess(
                "sagactl", ["--runtime-directory", "\(suite.directory.path)/run", "dead-letters", "retry", "--all"],
                in: suite.directory.path, label: "to-a-file")
            // Longer than it takes to say something.
            try await Task.sleep(for: .seconds(2))
            #expect(program.isRunning)
            payment.signal(SIGCONT)
            let outcome = try await program.ended()
            #expect(outcome.errors == "")
            #expect(outcome.output == "no dead letters\n")
        }
    }
}

/// A terminal of which the other end is here.
private final class Terminal: Sendable {
    let path: String
    let written = Observed("")
    private let other: Int32

    init() throws {
        let own = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (number, isLocked): (UInt32, Int32) = (0, 0)
        // TIOCGPTN and TIOCSPTLCK, which Swift does not import; neither does it posix_openpt(3).
        try #require(own >= 0 && ioctl(own, 0x8004_5430, &number) == 0 && ioctl(own, 0x4004_5431, &isLocked) == 0)
        path = "/dev/pts/\(number)"
        // As long as somebody has it open, reading does not end.
        other = open(path, O_RDWR | O_NOCTTY)
        try #require(other >= 0)
        let written = written
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(own, &buffer, buffer.count), count > 0 {
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                written.change { $0 += text }
            }
            close(own)
        }
    }

    /// Ends the reading, too.
    deinit {
        close(other)
    }

    /// Everything that was written until now.
    func all() async throws -> String {
        let end = "\u{4}end"
        _ = end.withCString { write(other, $0, strlen($0)) }
        return try await written.wait(for: "the end of what was written") { $0.hasSuffix(end) ? String($0.dropLast(end.count)) : nil }
    }
}
