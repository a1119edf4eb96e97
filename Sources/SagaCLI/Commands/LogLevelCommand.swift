import Console
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser

/// `sagactl log-level`: sets it wherever it can, and then says where it could not.
struct LogLevelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Set how much the daemons log, until they restart or reload their configuration.",
        discussion: """
            Examples:
              sagactl log-level debug --service payment
              sagactl log-level info
            """)

    @Argument(help: .init("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var level: LogLevelRequest.Level

    @Option(help: .init("Only this service: order, inventory or payment.", valueName: "service"))
    var service: ServiceName?

    @OptionGroup var options: SuiteOptions

    func run() async throws {
        let level = level
        let services = service.map { [$0] } ?? ServiceName.allCases
        let answers = await options.suite().ask(services) { client throws(AdminError) in try await client.setLogLevel(level) }
        let errors = answers.compactMap(\.error)
        if !errors.isEmpty { throw Failure(errors: errors) }
    }
}
