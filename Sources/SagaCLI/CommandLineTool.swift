import Console
import AdminAPI
import ArgumentParser
import Saga
import SagaConfiguration

/// What `sagactl` does from its arguments to its exit code. Every failure is one `sagactl: …` on standard error that says what to do.
package enum CommandLineTool {
    /// - Parameter arguments: without the program's name.
    package static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Int32 {
        let wantsJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            if let text = BuildRecord.text(for: arguments, version: Version.current) {
                try Output.line(text)
                return ExitStatus.done.rawValue
            }
            if let failure = CommandName.unknown(inHelp: arguments) { throw failure }
            var command = try await Sagactl.asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let failure as Failure {
            return report(failure, wantsJSON)
        } catch let error as AdminError {
            return report(Failure(error), wantsJSON)
        } catch {
            return finish(parsing: error, arguments, wantsJSON)
        }
    }

    /// Help, version and completion scripts come as errors, too; they belong on standard output.
    private static func finish(parsing error: any Error, _ arguments: [String], _ wantsJSON: Bool) -> Int32 {
        let code = Sagactl.exitCode(for: error)
        let message = Sagactl.fullMessage(for: error)
        if code.isSuccess {
            do { try Output.write(message + "\n") } catch { return report(error, false) }
        } else if !message.isEmpty {
            if let failure = CommandName.unknown(in: arguments) { return report(failure, wantsJSON) }
            let prefix = "Error: "
            Output.error(message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
            document(Failure(.usage, Sagactl.message(for: error), advice: "sagactl help"), wantsJSON)
        }
        return code.rawValue
    }

    private static func report(_ failure: Failure, _ wantsJSON: Bool) -> Int32 {
        for line in failure.lines { Output.error(line.text) }
        document(failure, wantsJSON)
        return failure.status.rawValue
    }

    /// One document is what was promised: a command that has printed what it found out leaves it at that.
    private static func document(_ failure: Failure, _ wantsJSON: Bool) {
        guard wantsJSON, !Output.hasWritten else { return }
        try? Output.json(FailureDocument(failure))
    }
}
