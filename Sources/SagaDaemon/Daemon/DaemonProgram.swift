package import ArgumentParser
import Glibc
import Logging
import Ownership
import Saga
import SagaConfiguration
import SagaStore
import Store
import Systemd
import Posix
import Transport
import HTTPServer
import KafkaTransport

/// The program around a daemon: options, exit codes, and what must be said before there is a log.
///
/// Exit codes (sysexits.h): 0 clean, 64 usage, 65 database damaged, of a newer schema or not the one, 69 a listener could not be bound or
/// too few files may be open, 74 the disk failed, 75 another instance, 78 configuration.
package struct DaemonProgram<Service: SagaService>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        let name = Service.Reactions.service
        return CommandConfiguration(
            commandName: name.program, abstract: "The \(name) service of the saga suite.",
            discussion: """
                Runs in the foreground until SIGTERM or SIGINT. SIGHUP reloads the log level and the order deadline. Every configuration key can be \
                overridden by an environment variable, such as SAGAD_\(name.rawValue.uppercased())_HTTP_PORT. See sagad.yaml(5).
                """, version: Version.current)
    }

    @Option(name: .customLong("config"), help: "The configuration file; /etc/sagad/sagad.yaml if it exists.", completion: .file())
    package var file: String?

    @Flag(help: "With --version: what the program was built from, too.")
    package var verbose = false

    @Flag(help: "Check the configuration, print what is wrong with it, and exit (0 or 78).")
    package var checkConfig = false

    package init() {}

    /// The program: parses the command line, runs, and exits.
    package static func start() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let text = BuildRecord.text(for: arguments, version: Version.current, libraries: ["SQLite \(SQLiteEngine.libraryVersion)"]) {
            print(text)
            return
        }
        await main(nil)
    }

    package func run() async throws {
        if !checkConfig {
            // Before anything is opened: what fails for want of descriptors seldom says so.
            ProcessLimits.raiseOpenFiles()
            if let shortage = ConnectionLimit.shortage { fail(shortage, EX_UNAVAILABLE) }
        }
        let loaded = loadOrExit()
        let configuration = loaded.configuration
        if checkConfig {
            let findings = StoreKind(configuration).check(for: Service.Reactions.service, Service.schema, configuration)
            guard findings.problems.isEmpty else { fail(findings.problems.joined(separator: "\n")) }
            for warning in findings.warnings { print("warning: \(warning)") }
            print("the configuration is valid")
            return
        }
        umask(0o077)
        ProcessLimits.boundArenas()
        signal(SIGPIPE, SIG_IGN)

        let log = Log(sink: Self.sink(), threshold: LogThreshold(Logger.Level(configuration.logLevel)))
        do {
            let daemon = try await Daemon.build(
                Service.self, configuration: loaded, reread: { [self] in try load() }, log: log, notifier: SystemdNotifier(),
                inherited: try ListenFDs(), failed: { ExitCode.end(with: $0, log) })
            try await daemon.run()
            log.record(.notice, "stopped")
            log.sink.drain(timeout: .seconds(2))
        } catch {
            ExitCode.end(with: error, log)
        }
    }

    private func load() throws -> Configuration.Loaded {
        try Configuration.read(file: file, environment: ProcessEnvironment.current)
    }

    private func loadOrExit() -> Configuration.Loaded {
        do {
            let loaded = try load()
            let configuration = loaded.configuration
            // Whoever only checks the file need not have what systemd hands to the daemon alone.
            let hasCredentials = !checkConfig || ProcessEnvironment.current["CREDENTIALS_DIRECTORY"] != nil
            let problems =
                TransportKind(configuration).problems(in: configuration, hasCredentials: hasCredentials)
                + Service.problems(in: configuration, hasCredentials: hasCredentials)
            guard problems.isEmpty else { fail(problems.joined(separator: "\n")) }
            return loaded
        } catch {
            fail("\(error)")
        }
    }

    /// To the journal where there is one, so that it is found among its errors and explained; else as any command does.
    private func fail(_ problems: String, _ code: Int32 = EX_CONFIG) -> Never {
        let sink = JournalBackend.isConnected(to: STDERR_FILENO) ? Self.sink() : nil
        for line in problems.split(separator: "\n") {
            if let sink {
                sink.enqueue(
                    LogRecord(level: .error, message: "\(line)", messageID: code == EX_CONFIG ? MessageID.configurationInvalid : nil))
            } else {
                let text = Array("\(Service.Reactions.service.program): \(line)\n".utf8)
                _ = write(STDERR_FILENO, text, text.count)
            }
        }
        sink?.drain(timeout: .seconds(2))
        Glibc.exit(code)
    }

    private static func sink() -> LogSink {
        let name = Service.Reactions.service
        return LogSink(identity: LogIdentity(identifier: name.program, fieldPrefix: "SAGA_", fields: ["service": name.rawValue]))
    }
}

extension ExitCode {
    /// Says why the daemon cannot go on, and ends the process with the code for it.
    fileprivate static func end(with error: any Error, _ log: Log) -> Never {
        let (level, messageID) = record(of: error)
        // Whatever the log level is: nothing else would say why there is no daemon.
        log.sink.enqueue(LogRecord(level: level, message: "\(error)", messageID: messageID))
        log.sink.drain(timeout: .seconds(2))
        // Not exit(): other threads are still at work, and nothing is left to do at exit.
        _exit(code(for: error))
    }

    private static func record(of error: any Error) -> (level: Logger.Level, messageID: String?) {
        switch error {
        case StoreError.unusableDirectory, is UntrustedPath: (.error, MessageID.directoryUnusable)
        case StoreError.inputOutput, StoreError.refused: (.error, MessageID.databaseFailed)
        case is StoreError: (.critical, MessageID.databaseFailed)
        case is ListenError, is UnixSocketError: (.error, MessageID.addressUnavailable)
        case is AnotherInstance: (.critical, MessageID.anotherInstance)
        default: (.critical, nil)
        }
    }

    private static func code(for error: any Error) -> Int32 {
        switch error {
        case StoreError.corrupt, StoreError.newerSchema, StoreError.foreignDatabase, StoreError.replaced: EX_DATAERR
        case StoreError.anotherInstance, is AnotherInstance: EX_TEMPFAIL
        case StoreError.unusableDirectory, StoreError.refused, is UntrustedPath: EX_CONFIG
        case is StoreError: EX_IOERR
        case is ListenError, is UnixSocketError: EX_UNAVAILABLE
        default: EX_SOFTWARE
        }
    }
}

private enum ProcessEnvironment {
    static var current: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}
