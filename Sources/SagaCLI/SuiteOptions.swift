import AdminAPI
import ArgumentParser
import FoundationEssentials

/// Where the daemons are.
struct SuiteOptions: ParsableArguments {
    @Option(
        help: .init(
            "The directory of the admin sockets (default: SAGAD_RUNTIME_DIRECTORY, the configuration file's, /run/sagad).",
            valueName: "dir"),
        completion: .directory)
    var runtimeDirectory: String?

    @Option(
        help: .init("The configuration file (default: /etc/sagad/sagad.yaml).", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var config: String?

    /// - Parameter timeout: how long each answer may take.
    func suite(timeout: Duration = .seconds(30)) throws -> Suite {
        let directory = try RuntimeDirectory.resolve(
            option: runtimeDirectory, configurationFile: config, environment: ProcessInfo.processInfo.environment)
        return Suite(runtimeDirectory: directory, timeout: timeout)
    }
}

/// How the answer is written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document instead of text for people.")
    var json = false
}
