import AdminAPI
import ArgumentParser

/// What `sagactl` does from its arguments to its exit code. Every failure is one `sagactl: …` on standard error that says what to do.
package enum CommandLineTool {
    /// - Parameter arguments: without the program's name; the process's own when nil.
    package static func run(_ arguments: [String]? = nil) async -> Int32 {
        do {
            var command = try await Sagactl.asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let failure as Failure {
            return report(failure)
        } catch let error as AdminError {
            Output.error(error.description)
            return ExitStatus(error).rawValue
        } catch {
            return finish(parsing: error)
        }
    }

    /// Help, version and completion scripts come as errors, too; they belong on standard output.
    private static func finish(parsing error: any Error) -> Int32 {
        let code = Sagactl.exitCode(for: error)
        let message = Sagactl.fullMessage(for: error)
        if code.isSuccess {
            do { try Output.write(message + "\n") } catch { return report(error) }
        } else if !message.isEmpty {
            let prefix = "Error: "
            Output.error(message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
        }
        return code.rawValue
    }

    private static func report(_ failure: Failure) -> Int32 {
        Output.error(failure.message)
        return failure.status.rawValue
    }
}
