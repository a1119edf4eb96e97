import Console
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser

/// `sagactl log-level`: sets it wherever it can, and then says where it could not.
struct LogLevelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Set how much the daemons log, for a while or until they restart or reload their configuration.",
        discussion: """
            With --for the configured level is back after that time.

            Examples:
              sagactl log-level debug --service payment --for 10m
              sagactl log-level info
            """)

    @Argument(help: .init("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var level: LogLevelRequest.Level

    @Option(help: .init("Only this service: order, inventory or payment.", valueName: "service"))
    var service: ServiceName?

    @Option(
        parsing: .unconditional, help: .init("Then back to the configured level, e.g. 10m.", valueName: "duration"),
        transform: Arguments.durationText)
    var `for`: String?

    @OptionGroup var options: SuiteOptions

    func run() async throws {
        let request = LogLevelRequest(logLevel: level, for: self.for)
        let services = service.map { [$0] } ?? ServiceName.allCases
        let answers = await options.suite().ask(services) { client throws(AdminError) in try await client.setLogLevel(request) }
        let errors = answers.compactMap(\.error)
        if !errors.isEmpty { throw Failure(errors: errors) }
    }
}
