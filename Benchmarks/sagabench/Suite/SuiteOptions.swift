import ArgumentParser
import FoundationEssentials

/// What connects the daemons of a suite that is started here.
enum TransportChoice: String, CaseIterable, ExpressibleByArgument, Codable, Sendable {
    case direct, kafka
}

/// Where the daemons' logs go.
enum LogChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    case none, files, inherit
}

/// How a suite of one's own is started.
struct OwnSuiteOptions: ParsableArguments, Sendable {
    @Option(name: .customLong("bin"), help: "Where the release binaries are; default: beside this program.", completion: .directory)
    var directory: String?

    @Option(help: "The daemons' log level.")
    var logLevel = "info"

    @Option(
        help:
            "Where their logs go: none (/dev/null), files (see --keep), inherit (this program's standard error, so the journal under systemd)."
    )
    var logs = LogChoice.none

    @Flag(help: "Keep the temporary directory with databases and logs.")
    var keep = false

    func programs() throws -> String {
        if let directory { return directory }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return String(own[..<(own.lastIndex(of: "/") ?? own.endIndex)])
    }
}

/// Which suites a scenario is run on.
struct SuiteOptions: ParsableArguments, Sendable {
    @OptionGroup var own: OwnSuiteOptions

    @Option(help: "The transports to run on, one after the other: direct, kafka (on the mock broker).")
    var transport: [TransportChoice] = [.direct]

    @Option(help: "Drive a suite that runs already, at this address of its order service, such as http://127.0.0.1:8081; needs --admin.")
    var url: String?

    @Option(help: "The runtime directory of that suite, with its admin sockets.", completion: .directory)
    var admin: String?

    func validate() throws {
        guard (url == nil) == (admin == nil) else { throw ValidationError("--url and --admin go together") }
        if let url, OrderTarget(url: url) == nil { throw ValidationError("--url is http://HOST:PORT") }
    }

    /// Runs `body` on each suite that is wanted, once it is ready, and adds what is wrong with its databases in the end.
    ///
    /// - Parameter hurriesMock: makes up for the mock broker's slowness, see `MockBroker.promptness`.
    func forEach(
        _ report: inout Report, hurriesMock: Bool = true, _ body: (BenchedSuite, inout Report) async throws -> Void
    ) async throws {
        if let url, let target = OrderTarget(url: url), let admin {
            return try await body(.running(at: target, runtimeDirectory: admin), &report)
        }
        for transport in transport {
            let isHurried = hurriesMock && transport == .kafka
            if isHurried { report.remarks = [MockBroker.promptness.remark] }
            let properties = isHurried ? MockBroker.promptness.properties : [:]
            report = try await OwnSuite.with(own, transport: transport, kafkaProperties: properties) { [report] suite in
                var report = report
                try await suite.start()
                try await body(suite.benched, &report)
                report.reconciliation += try await suite.stopAndReconcile()
                return report
            }
        }
    }
}
