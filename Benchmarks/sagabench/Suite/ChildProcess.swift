import FoundationEssentials
import Glibc
import NIOCore

/// A process started by this one. It is waited for from the start, so it never becomes a zombie, and its id is not used by another
/// process while `isRunning`.
struct ChildProcess: Sendable {
    struct Exit: Sendable {
        /// As of a shell: 128 and more for a signal.
        let code: Int32
        let at: NIODeadline
    }

    let pid: pid_t
    private let waiting: Task<Exit, any Error>

    /// Where the standard streams lead.
    struct Streams {
        /// A descriptor to read from; nil is /dev/null.
        var input: Int32?
        var output: Int32?
        /// A file to append to.
        var errorFile = "/dev/null"
        var inheritsError = false
    }

    /// - Parameter environment: added to this process's own, without what configures a suite that happens to run here.
    static func start(_ program: String, _ arguments: [String], environment: [String: String] = [:], streams: Streams = Streams()) throws
        -> ChildProcess
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        connect(streams.input, to: STDIN_FILENO, O_RDONLY, &actions)
        connect(streams.output, to: STDOUT_FILENO, O_WRONLY, &actions)
        if !streams.inheritsError {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, streams.errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o640)
        }
        // A group of its own: Ctrl-C is for the benchmark, which then ends the suite as it should be.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This thread may have blocked all signals, which a child would inherit and then never hear that it is to end.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var pid = pid_t()
        let code = withCStrings([program] + arguments) { arguments in
            withCStrings(self.environment(with: environment)) { environment in
                posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw BenchError("\(program) could not be started", errno: code) }
        let child = pid
        return ChildProcess(pid: child, waiting: Task { try await BlockingWork.run { wait(for: child) } })
    }

    /// Returns once it has ended.
    func exit() async throws -> Exit {
        try await waiting.value
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    private static func wait(for pid: pid_t) -> Exit {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return Exit(code: signal == 0 ? status >> 8 & 0xFF : 128 + signal, at: .now())
    }

    private static func connect(_ descriptor: Int32?, to stream: Int32, _ flags: Int32, _ actions: inout posix_spawn_file_actions_t) {
        if let descriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, stream)
        } else {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", flags, 0)
        }
    }

    private static func environment(with added: [String: String]) -> [String] {
        let own = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SAGAD_") }
        return own.merging(added) { $1 }.map { "\($0)=\($1)" }
    }

    /// A null-terminated array of C strings, valid inside `body`.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
