import Glibc

/// A program of the system that is run to its end, with what it says in a file.
package enum ChildProcess {
    package enum End: Sendable, Equatable {
        case exited(CInt)
        case killed(CInt)
        /// It took too long.
        case ended
        /// It could not be run; an errno.
        case notStarted(CInt)
    }

    /// - Parameters:
    ///   - output: where standard output and standard error go, made anew.
    ///   - limit: after which it is killed.
    package static func run(_ command: [String], output: String, within limit: Duration) async -> End {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var pid = pid_t()
        let code = posix_spawnp(&pid, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else { return .notStarted(code) }
        let end = ContinuousClock.now + limit
        var isEnded = false
        while true {
            var status: CInt = 0
            let found = waitpid(pid, &status, isEnded ? 0 : WNOHANG)
            if found == pid {
                if isEnded { return .ended }
                // As the macros of waitpid(2) take it apart.
                return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(status & 0x7F)
            }
            if found < 0, errno != EINTR { return .notStarted(errno) }
            if .now >= end || Task.isCancelled {
                kill(pid, SIGKILL)
                isEnded = true
            } else {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
