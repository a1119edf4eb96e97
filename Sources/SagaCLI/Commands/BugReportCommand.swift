import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import Posix
import Wire

/// `sagactl bugreport`: one archive, also where daemons are down or the user may not ask them.
struct BugReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bugreport",
        abstract: "Gather what is needed to look into a fault, in one archive.",
        discussion: """
            Status, configuration without secrets, metrics and versions of the daemons that can be asked, what systemd says of the units, \
            and the newest records of the journal, which name orders by their ids. What could not be had is named, on standard error and in \
            missing.txt. Run it as root to miss nothing.

            Example:
              sagactl bugreport /tmp/sagad.tar.gz
            """)

    @Argument(help: .init("The archive to make (default: sagad-bugreport-TIME.tar.gz).", valueName: "file"), completion: .file())
    var file: String?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let file: String
        let missing: [String]
    }

    func run() async throws {
        let time = Timestamp.now.description.filter { $0 != "-" && $0 != ":" }
        let name = "sagad-bugreport-\(time.prefix { $0 != "." })Z"
        let file = file ?? "\(name).tar.gz"
        guard access(file, F_OK) != 0 else { throw Failure(.usage, "\(file) exists", advice: "name another file") }
        // It is for nobody else to read.
        umask(0o077)
        let staging = try Self.makeStagingDirectory()
        defer { try? FileManager.default.removeItem(atPath: staging) }
        let directory = "\(staging)/\(name)"
        guard mkdir(directory, 0o700) == 0 else { throw Self.failure(directory) }

        var report = BugReport(suite: options.suite(timeout: .seconds(5)), configuration: options.configuration, directory: directory)
        let missing = try await Progress.showing("gathering") {
            try await report.gather()
            return report.missing
        }
        let end = await Progress.showing("packing") {
            await ChildProcess.run(
                ["tar", "-czf", file, "-C", staging, name], output: "\(staging)/tar.txt", within: .seconds(120))
        }
        guard end == .exited(0) else {
            let words = (try? String(contentsOfFile: "\(staging)/tar.txt", encoding: .utf8)) ?? ""
            throw Failure(.outputFailed, "cannot write \(file): tar: \(words.isEmpty ? "\(end)" : words.prefix { $0 != "\n" }.description)")
        }
        for lack in missing { Output.error("not in it: \(lack)") }
        if output.json { try Output.json(Result(file: file, missing: missing)) } else { try Output.line(file) }
    }

    private static func makeStagingDirectory() throws(Failure) -> String {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/sagactl-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("a temporary directory") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func failure(_ path: String) -> Failure {
        Failure(.outputFailed, "cannot make \(path): \(String(cString: strerror(errno)))")
    }
}
