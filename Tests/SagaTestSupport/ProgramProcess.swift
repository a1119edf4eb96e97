package import Foundation
import Synchronization

/// One of the built programs, or one at an absolute path, as a process of its own, ended with this object at the latest.
package final class ProgramProcess: Sendable {
    package enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// What a program that has ended leaves behind.
    package struct Outcome: Sendable {
        package let exit: Exit
        package let output: String
        package let errors: String
    }

    /// Where the programs are, when they are not those that were built beside the running one.
    @TaskLocal package static var directory: String?

    package let pid: pid_t
    private let name: String
    private let child: Child
    private let outputPath: String
    private let errorsPath: String

    /// - Parameters:
    ///   - environment: in place of the test's own.
    ///   - openFiles: the most descriptors it may have; nil: as many as the test.
    ///   - inherited: a listening socket to hand over, as the service manager does.
    ///   - directory: where standard output and standard error are kept, in files called like `label`; those of an earlier process with
    ///     the same label are gone on with.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], openFiles: Int? = nil,
        inherited: ListeningSocket? = nil, in directory: String, label: String
    ) throws {
        name = program
        outputPath = "\(directory)/\(label).out"
        errorsPath = "\(directory)/\(label).err"
        let path = try ProgramProcess.path(of: program)
        var command = [path] + arguments
        var environment = environment
        // prlimit(1) becomes the program, and so does the shell, which alone can name the process to itself.
        if let openFiles { command = ["/usr/bin/prlimit", "--nofile=\(openFiles):\(openFiles)"] + command }
        if inherited != nil {
            environment.merge(["LISTEN_FDS": "1", "LISTEN_FDNAMES": "rest"]) { $1 }
            command = ["/bin/sh", "-c", #"export LISTEN_PID=$$; exec "$@""#, "sh"] + command
        }
        child = try Child(
            path: command[0], arguments: Array(command.dropFirst()), environment: environment, output: outputPath, errors: errorsPath,
            inherited: inherited?.descriptor)
        pid = child.pid
    }

    deinit {
        child.signal(SIGKILL)
    }

    /// Sends a signal, unless the process has ended.
    package func signal(_ number: Int32) {
        child.signal(number)
    }

    package var isRunning: Bool { child.exit.state == nil }

    /// Standard error so far.
    package var errors: String { (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? "" }

    /// The end of standard error so far.
    package var lastErrors: String {
        guard let file = FileHandle(forReadingAtPath: errorsPath), let end = try? file.seekToEnd() else { return "" }
        try? file.seek(toOffset: end - min(end, 8192))
        return (try? file.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Waits for the end, and leaves what was written where it is.
    @discardableResult
    package func exited(within limit: Duration = .seconds(30)) async throws -> Exit {
        try await child.exit.wait(for: "end of \(name)", within: limit) { $0 }
    }

    /// Waits for the end.
    @discardableResult
    package func ended(within limit: Duration = .seconds(30)) async throws -> Outcome {
        let exit = try await exited(within: limit)
        return Outcome(exit: exit, output: (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "", errors: errors)
    }

    /// Runs a program to its end.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in directory: String
    ) async throws -> Outcome {
        try await ProgramProcess(program, arguments, environment: environment, in: directory, label: "\(program)-\(UUID())").ended()
    }

    package static func isThere(_ program: String) -> Bool {
        (try? path(of: program)).map(FileManager.default.isExecutableFile) ?? false
    }

    /// The programs are built beside the tests.
    static func path(of name: String) throws -> String {
        if name.hasPrefix("/") { return name }
        if let directory { return "\(directory)/\(name)" }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
    }
}

/// A child process and the thread that waits for its end.
///
/// Not Foundation's `Process`: it notices the end by a socket that children which are started at the same time may inherit, and then
/// waits for their end as well.
private final class Child: Sendable {
    let pid: pid_t
    let exit = Observed<ProgramProcess.Exit?>(nil)
    /// True once the pid may belong to somebody else.
    private let isReaped: ReapedFlag

    private final class ReapedFlag: Sendable {
        let value = Mutex(false)
    }

    init(path: String, arguments: [String], environment: [String: String], output: String, errors: String, inherited: Int32?) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited, 3) }

        // The child begins with no signal blocked or ignored, whatever the test process does with them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let argv = ([path] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, path, &actions, &attributes, argv, envp)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        self.pid = pid

        let isReaped = ReapedFlag()
        self.isReaped = isReaped
        Thread.detachNewThread { [pid, exit] in
            var info = siginfo_t()
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            var status: Int32 = 0
            isReaped.value.withLock { isReaped in
                waitpid(pid, &status, 0)
                isReaped = true
            }
            exit.change { [status] in $0 = status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F) }
        }
    }

    func signal(_ number: Int32) {
        isReaped.value.withLock { if !$0 { kill(pid, number) } }
    }
}
