import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// The reasons not to start, each with its exit code and a message that names what is in the way.
@Suite(.showingLogs) struct StartTests {
    /// Starts a daemon that is to end by itself.
    private func refusal(_ service: ServiceName, in suite: DaemonSuite) async throws -> ProgramProcess.Outcome {
        try await ProgramProcess.run(service.program, ["--config", suite.configurationFile], in: suite.directory.path)
    }

    @Test func `Fault 31, port in use: exit 69 naming it, the other daemons unaffected`() async throws {
        try await DaemonSuite.run { suite in
            let occupant = try ListeningSocket(port: suite.port(of: .order))
            let outcome = try await refusal(.order, in: suite)
            withExtendedLifetime(occupant) {}
            #expect(outcome.exit == .code(69))
            #expect(outcome.errors.contains("127.0.0.1:\(suite.port(of: .order))"))
            try await suite.start([.inventory, .payment])
            #expect(try await RESTClient(.inventory).get("/readyz").status == 200)
        }
    }

    @Test(arguments: [24, 16, 12])
    func `too few descriptors to work with: exit 69, with the limit and what is needed`(_ limit: Int) async throws {
        try await DaemonSuite.run { suite in
            let process = try ProgramProcess(
                ServiceName.order.program, ["--config", suite.configurationFile], openFiles: limit, in: suite.directory.path, label: "order"
            )
            let outcome = try await process.ended(within: .seconds(5))
            #expect(outcome.exit == .code(69))
            #expect(outcome.errors.contains("the limit is \(limit), needed are "))
            #expect(!FileManager.default.fileExists(atPath: suite.stateDirectory(of: .order)))
        }
    }

    @Test func `Fault 30, a stale admin socket file: one on which somebody answers is 69 and named, and stays his`() async throws {
        try await DaemonSuite.run { suite in
            let path = suite.adminSocket(of: .order)
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            let occupant = try ListeningSocket(path: path)
            let outcome = try await refusal(.order, in: suite)
            withExtendedLifetime(occupant) {}
            #expect(outcome.exit == .code(69))
            #expect(outcome.errors.contains(path))
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `of the sockets that another process answers on, the admin socket is named`() async throws {
        try await DaemonSuite.run { suite in
            let path = suite.adminSocket(of: .order)
            let directory = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let occupants = [try ListeningSocket(path: "\(directory)/events.sock"), try ListeningSocket(path: path)]
            let outcome = try await refusal(.order, in: suite)
            withExtendedLifetime(occupants) {}
            #expect(outcome.exit == .code(69))
            #expect(outcome.errors.contains(path))
        }
    }

    @Test func `Fault 30, a stale admin socket file: replaced when nobody answers on it`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            try await suite[.order].crash()
            #expect(FileManager.default.fileExists(atPath: suite.adminSocket(of: .order)))
            try await suite.start(.order)
            #expect(try await suite.admin(.order).get("/livez").status == 200)
        }
    }

    @Test func `a file that is no socket is 69 and left alone`() async throws {
        try await DaemonSuite.run { suite in
            let path = suite.adminSocket(of: .order)
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
            let outcome = try await refusal(.order, in: suite)
            #expect(outcome.exit == .code(69))
            #expect(outcome.errors.contains(path))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test(arguments: ServiceName.allCases)
    func `Fault 19, second instance on one state directory: exit 75 before it touches a listener, the first is unharmed`(
        _ service: ServiceName
    ) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(service)
            let outcome = try await refusal(service, in: suite)
            #expect(outcome.exit == .code(75))
            #expect(outcome.errors.contains(suite.stateDirectory(of: service)))
            #expect(try await suite.rest(service).get("/readyz").status == 200)
            #expect(try await suite.admin(service).get("/readyz").status == 200)
        }
    }

    @Test func `Fault 37, downgrade: a newer schema is refused with exit 65, and kept as it is`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            try await suite[.order].stop()
            // PRAGMA user_version: four bytes at offset 60 of the header (SQLite's file format, section 1.3).
            let database = try DatabaseFile(of: .order, in: suite)
            try database.overwrite([0, 0, 0, 99], at: 60)
            let before = try database.contents
            let outcome = try await refusal(.order, in: suite)
            #expect(outcome.exit == .code(65))
            #expect(outcome.errors.contains("version 99"))
            #expect(try database.contents == before)
        }
    }

    @Test(arguments: [0, 100, 4096 * 2 + 8])
    func `Fault 28, a corrupt database page: exit 65, the file kept`(_ offset: UInt64) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            for _ in 0..<20 { _ = try await RESTClient(.order).place() }
            try await suite[.order].stop()
            let database = try DatabaseFile(of: .order, in: suite)
            try database.overwrite([UInt8](repeating: 0xA5, count: 64), at: offset)
            let before = try database.contents
            let outcome = try await refusal(.order, in: suite)
            #expect(outcome.exit == .code(65))
            #expect(outcome.errors.contains("damaged"))
            #expect(try database.contents == before)
        }
    }

    private struct DatabaseFile {
        let url: URL

        init(of service: ServiceName, in suite: DaemonSuite) throws {
            url = URL(fileURLWithPath: suite.stateDirectory(of: service) + "/saga.db")
            // After a clean end everything is in the one file.
            #expect(!FileManager.default.fileExists(atPath: url.path + "-wal"))
        }

        var contents: Data { get throws { try Data(contentsOf: url) } }

        func overwrite(_ bytes: [UInt8], at offset: UInt64) throws {
            let file = try FileHandle(forUpdating: url)
            defer { try? file.close() }
            try file.seek(toOffset: offset)
            try file.write(contentsOf: bytes)
        }
    }

    @Test(arguments: ServiceName.allCases)
    func `what is kept is closed to strangers`(_ service: ServiceName) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(service)
            let state = suite.stateDirectory(of: service)
            #expect(try mode(of: state) == 0o750)
            let files = try FileManager.default.contentsOfDirectory(atPath: state)
            #expect(Set(files).isSuperset(of: ["lock", "saga.db", "saga.db-wal"]))
            for file in files { #expect(try mode(of: "\(state)/\(file)") & ~0o640 == 0, "\(file)") }
            #expect(try mode(of: suite.adminSocket(of: service)) == 0o660)
            // The members of the socket's group must be able to reach it.
            #expect(try mode(of: suite.directory.path + "/run/\(service)") & 0o050 == 0o050)
        }
    }

    private func mode(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
}
