import Console
import InventoryView
import OrderView
import PaymentView
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser
import Wire

/// `sagactl trace`: asks the three daemons at once and shows what those that answer remember.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show an order's saga as one timeline over all daemons.",
        discussion: """
            When, who, what arrived, what was decided, what was emitted, how long each step took and what the saga waits for. A daemon \
            that cannot be reached is named, and the rest is shown. Exit code 1 if no daemon knows the order, 69 if none answers.

            The logs of the same saga: journalctl SAGA_ORDER_ID=ID
            """)

    @Argument(help: .init("The order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var id: String

    @Option(help: .init("Write it as a picture (SVG), too.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (trace, errors) = try await options.suite(timeout: .seconds(10)).trace(of: id)
        Output.errors(errors)
        if let svg { try OutputFile.write(TraceDrawing(trace: trace).render(), to: svg) }
        if output.json {
            try Output.json(trace)
        } else {
            try Output.write(TraceTimeline(trace: trace, now: Timestamp.now.microseconds, style: .current).render())
        }
    }
}
