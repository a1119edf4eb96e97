import AdminAPI
import Console
import Glibc
import Posix
import Saga
import SagaConfiguration
import Wire

/// Gathers into a directory what somebody who looks into a fault asks for first. Whatever cannot be had is named, and keeps nothing else
/// from being gathered.
struct BugReport {
    let suite: Suite
    /// As a daemon would read it; nil where that has errors.
    let configuration: Configuration?
    let directory: String

    private static let patience = Duration.seconds(30)
    /// Some hours of a suite at work.
    private static let journalLines = 5000

    private(set) var missing: [String] = []
    /// Where a daemon that answers has its own; the file that is read here may be another one.
    private var stateDirectory: String?

    init(suite: Suite, configuration: Configuration?, directory: String) {
        self.suite = suite
        self.configuration = configuration
        self.directory = directory
    }

    mutating func gather() async throws(Failure) {
        try await addDaemons()
        if let configuration {
            try write(configuration.effective().json + "\n", "configuration.json")
        } else {
            missing.append("the configuration file cannot be read, or has errors: saga-orderd --check-config")
        }
        let record = BuildRecord.text(for: ["--version", "--verbose"], version: Version.current) ?? Version.current
        try write("sagactl \(record)\n", "versions.txt")
        await add("system.txt", ["uname", "-a"])
        await add("distribution.txt", ["cat", "/etc/os-release"])
        await add("packages.txt", ["dpkg-query", "--list", "sagad*", "librdkafka*", "libsqlite3*", "libsystemd0", "libc6"], okay: [0, 1])
        let units = ServiceName.allCases.map { "\($0.unit).service" }
        await add("units.txt", ["systemctl", "--no-pager", "--full", "status", "saga.target"] + units, okay: [0, 3, 4])
        if let state = stateDirectory ?? configuration?.stateDirectory {
            await add("disk.txt", ["df", "-h", state])
            await add("state.txt", ["ls", "-lR", state])
        }
        await add(
            "journal.txt",
            ["journalctl", "--no-pager", "--output=short-iso", "--lines=\(Self.journalLines)"] + units.map { "--unit=\($0)" },
            hint: "the journal is for root and members of group systemd-journal")
        try write(missing.isEmpty ? "nothing\n" : missing.map { $0 + "\n" }.joined(), "missing.txt")
    }

    private mutating func addDaemons() async throws(Failure) {
        for service in ServiceName.allCases {
            let client = suite[service]
            let answers: (ServiceStatus, ServiceConfiguration, String)
            do throws(AdminError) {
                answers = (try await client.status(), try await client.configurationKeys(), try await client.metrics())
            } catch {
                missing.append(error.description)
                continue
            }
            if case .text(let path)? = answers.1.keys.first(where: { $0.key == "stateDirectory" })?.value { stateDirectory = path }
            try writeJSON(answers.0, "\(service)-status.json")
            try writeJSON(answers.1, "\(service)-configuration.json")
            try write(answers.2, "\(service)-metrics.txt")
        }
    }

    /// - Parameters:
    ///   - okay: what the program may end with.
    ///   - hint: why it may not have worked.
    private mutating func add(_ file: String, _ command: [String], okay: Set<CInt> = [0], hint: String? = nil) async {
        let end = await ChildProcess.run(command, output: "\(directory)/\(file)", within: Self.patience)
        let trouble: String? =
            switch end {
            case .exited(let code) where okay.contains(code): nil
            case .exited(let code): "exit status \(code)"
            case .killed(let signal): "killed by signal \(signal)"
            case .ended: "it took too long"
            case .notStarted(let code): String(cString: strerror(code))
            }
        if let trouble { missing.append("\(file): \(command[0]): \(trouble)\(hint.map { "; \($0)" } ?? "")") }
    }

    private func writeJSON(_ value: some Encodable, _ file: String) throws(Failure) {
        guard let text = try? Output.text(of: value) else { return }
        try write(text + "\n", file)
    }

    private func write(_ text: String, _ file: String) throws(Failure) {
        try OutputFile.write(text, to: "\(directory)/\(file)")
    }
}
