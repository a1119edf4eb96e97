import AdminAPI
package import ArgumentParser
import FoundationEssentials
package import SagaConfiguration

/// Where the daemons are.
package struct SuiteOptions: ParsableArguments {
    @Option(
        help: .init(
            "The directory of the admin sockets (default: SAGAD_RUNTIME_DIRECTORY, the configuration file's, /run/sagad).",
            valueName: "dir"),
        completion: .directory)
    package var runtimeDirectory: String?

    @Option(
        help: .init("The configuration file (default: /etc/sagad/sagad.yaml).", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    package var config: String?

    package init() {}

    /// As a daemon would read it; nil where that has errors.
    package var configuration: Configuration? { try? Configuration.load(file: config, environment: [:]) }

    /// - Parameter timeout: how long each answer may take.
    package func suite(timeout: Duration = .seconds(30)) -> Suite {
        let directory = RuntimeDirectory.resolve(
            option: runtimeDirectory, configurationFile: config, environment: ProcessInfo.processInfo.environment)
        for problem in directory.problems { Output.error(problem) }
        if !directory.problems.isEmpty {
            Output.error("asking the sockets in \(directory.path); --runtime-directory names another directory")
        }
        return Suite(runtimeDirectory: directory.path, timeout: timeout)
    }
}

/// How the answer is written.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document instead of text for people.")
    package var json = false

    package init() {}
}
