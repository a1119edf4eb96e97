import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// Files, directories and sockets that are not, or no longer, what a daemon takes them for.
@Suite(.showingLogs) struct TrustTests {
    private func refusal(_ service: ServiceName, in suite: DaemonSuite) async throws -> ProgramProcess.Outcome {
        try await ProgramProcess.run(service.program, ["--config", suite.configurationFile], in: suite.directory.path)
    }

    private func make(_ directory: String, mode: mode_t, owner: uid_t = geteuid()) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(chmod(directory, mode) == 0 && chown(directory, owner, owner) == 0)
    }

    @Test(arguments: ["state/order", "run/order", "run/inventory"])
    func `Fault 50, a directory that others can write: 78, naming it and what to do`(_ name: String) async throws {
        try await DaemonSuite.run { suite in
            let directory = "\(suite.directory.path)/\(name)"
            try make(directory, mode: 0o777)
            let outcome = try await refusal(.order, in: suite)
            #expect(outcome.exit == .code(78))
            #expect(outcome.errors.contains("chmod go-w \(directory)"))
        }
    }

    @Test(.enabled(if: geteuid() == 0), arguments: ["state", "run"])
    func `Fault 50, a runtime directory of somebody else: 78, naming it and its owner`(_ name: String) async throws {
        try await DaemonSuite.run { suite in
            let directory = "\(suite.directory.path)/\(name)"
            try make(directory, mode: 0o755, owner: 65534)
            let outcome = try await refusal(.order, in: suite)
            #expect(outcome.exit == .code(78))
            #expect(outcome.errors.contains("\(directory) belongs to nobody"))
        }
    }

    @Test func `Fault 50, a false peer behind admin.sock: sagactl sends nothing and ends with 78`() async throws {
        try await DaemonSuite.run { suite in
            let directory = "\(suite.directory.path)/run/order"
            try make(directory, mode: 0o777)
            let occupant = try ListeningSocket(path: directory + "/admin.sock")
            for command in [["status"], ["orders", "list"]] {
                let outcome = try await ProgramProcess.run(
                    "sagactl", ["--config", suite.configurationFile] + command, in: suite.directory.path)
                #expect(outcome.exit == .code(78))
                #expect(outcome.errors.contains("chmod go-w \(directory)"))
            }
            withExtendedLifetime(occupant) {}
        }
    }

    @Test func `Fault 49, another service's database: 65`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            try await suite[.order].stop()
            try make(suite.stateDirectory(of: .inventory), mode: 0o750)
            try FileManager.default.copyItem(
                atPath: suite.stateDirectory(of: .order) + "/saga.db", toPath: suite.stateDirectory(of: .inventory) + "/saga.db")
            let outcome = try await refusal(.inventory, in: suite)
            #expect(outcome.exit == .code(65))
            #expect(outcome.errors.contains("stock"))
        }
    }

    @Test func `Fault 49, the write-ahead log removed while running: found out within 15 s, 65, and nothing is lost`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let id = try await RESTClient(.order).place()
            try FileManager.default.removeItem(atPath: suite.stateDirectory(of: .order) + "/saga.db-wal")
            let outcome = try await suite[.order].ended(within: .seconds(15))
            #expect(outcome.exit == .code(65))
            #expect(outcome.errors.contains("saga.db-wal was removed or replaced"))
            try await suite.start(.order)
            #expect(try await RESTClient(.order).get("/orders/\(id)").status == 200)
        }
    }
}
