import Foundation
import Saga
import SagaTestSupport
import Testing
import Wire

/// Short runs of the built program; long ones are for `swift run saga-killer --cycles 1000`.
@Suite(.serialized) struct KillerTests {
    @Test(arguments: [("direct", 30), ("kafka", 16)])
    func `dozens of kills under load cost nothing`(_ transport: String, _ cycles: Int) async throws {
        let directory = try TestDirectory()
        let killer = try ProgramProcess(
            "saga-killer", ["--transport", transport, "--cycles", "\(cycles)", "--json"], in: directory.path, label: "killer")
        let outcome = try await killer.ended(within: .seconds(600))
        print(outcome.output)
        #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errors)")
        let runs = try #require(try JSONValue(parsing: Array(outcome.output.utf8))["runs"]?.array)
        #expect(runs.count == 1)
        #expect(runs[0]["cycles"]?.integer == Int64(cycles))
        #expect(runs[0]["startToFirstEvent"]?["count"]?.integer ?? 0 > 0)
    }

    @Test func `who is interrupted takes the daemons along`() async throws {
        let directory = try TestDirectory()
        let killer = try ProgramProcess("saga-killer", ["--transport", "direct"], in: directory.path, label: "killer")
        while daemons(of: killer.pid).count < ServiceName.allCases.count {
            try #require(killer.isRunning, "\(killer.errors)")
            try await Task.sleep(for: .milliseconds(20))
        }
        let daemons = self.daemons(of: killer.pid)
        killer.signal(SIGINT)
        #expect(try await killer.exited() == .code(128 + SIGINT))
        // They were sent SIGKILL; whoever takes them over may need a moment to see it.
        while daemons.contains(where: isRunning) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(killer.errors.contains("interrupted"))
    }

    /// The daemons that are children of a process.
    private func daemons(of parent: pid_t) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { stat(of: $0)?.parent == parent && isRunning($0) }
    }

    /// Whether a daemon has that number, and is no zombie.
    private func isRunning(_ pid: pid_t) -> Bool {
        guard let (name, state, _) = stat(of: pid) else { return false }
        return name.hasPrefix("saga-") && state != "Z"
    }

    /// `PID (NAME) STATE PARENT …` (proc(5)).
    private func stat(of pid: pid_t) -> (name: String, state: String, parent: pid_t?)? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        let parts = text.split { "()".contains($0) }
        let fields = parts.last?.split(separator: " ") ?? []
        guard parts.count == 3, fields.count > 1 else { return nil }
        return (String(parts[1]), String(fields[0]), pid_t(fields[1]))
    }
}
