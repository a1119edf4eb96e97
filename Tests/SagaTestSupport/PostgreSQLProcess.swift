import Foundation
import Synchronization
import Testing

/// The server's process, under a shell that ends it and removes its directory when nobody holds the other end of a pipe any more.
final class PostgreSQLProcess: Sendable {
    private let programs: PostgreSQLPrograms
    private let directory: String
    /// A named pipe, open for both directions: so that opening it waits for nobody.
    private let pipe: Int32
    private let shell = Mutex<ProgramProcess?>(nil)

    init(_ programs: PostgreSQLPrograms, in directory: String) throws {
        self.programs = programs
        self.directory = directory
        guard mkfifo("\(directory)/orders", 0o600) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        try programs.giveAway("\(directory)/orders")
        pipe = open("\(directory)/orders", O_RDWR | O_CLOEXEC)
    }

    deinit {
        close(pipe)
        // The shell is killed with its last owner, and has something to do yet.
        if let shell = shell.withLock({ $0 }) { Task.detached { try? await shell.exited() } }
    }

    /// Returns when connections are taken.
    func start() async throws {
        let server = [
            programs.server, "-D", "\(directory)/data", "-k", directory, "-c", "listen_addresses=", "-c", "max_connections=50",
        ]
        let command = programs.command("/bin/sh", ["-c", PostgreSQLProcess.script, directory] + server)
        let shell = try ProgramProcess(
            command[0], Array(command.dropFirst()), environment: PostgreSQLPrograms.environment, in: directory, label: "server")
        self.shell.withLock { $0 = shell }
        try await eventually("a server in \(directory)", within: .seconds(60)) {
            // As pg_ctl does it.
            guard status.count > 7, status[7].hasPrefix("ready") else { throw PostgreSQLPrograms.Failed(description: shell.lastErrors) }
            return true
        }
    }

    /// Ends it at once and without a checkpoint, as a crash does.
    func stop() async throws {
        guard let shell = shell.withLock({ $0 }), shell.isRunning else { return }
        _ = Array("stop\n".utf8).withUnsafeBytes { write(pipe, $0.baseAddress, $0.count) }
        try await shell.exited(within: .seconds(60))
    }

    /// To the server's first process and to all those that it has started.
    func signalAll(_ number: Int32) throws {
        guard let first = status.first.flatMap({ pid_t($0) }) else { throw PostgreSQLPrograms.Failed(description: "it does not run") }
        // The first is stopped first: it starts no others then.
        kill(first, number)
        let others = try String(contentsOfFile: "/proc/\(first)/task/\(first)/children", encoding: .utf8)
        for process in others.split(separator: " ").compactMap({ pid_t($0) }) { kill(process, number) }
    }

    /// What the server says of itself: its pid in the first line, in the eighth whether it takes connections.
    private var status: [Substring] {
        let text = (try? String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// SIGQUIT is an immediate shutdown; one that was stopped has to be let go on before.
    private static let script = """
        "$@" &
        server=$!
        read -r order < "$0/orders"
        kill -QUIT $server
        kill -CONT $server
        wait $server
        [ "$order" = stop ] || rm -rf "$0"
        """
}
