import SagaTestSupport
import Foundation
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct CrashTests {
    /// The child answers callers as a daemon would, each answer going to a file of its own accord, and is killed in the middle.
    @Test func `Fault 2, kill -9 after the commit: everything that was answered is there, and nothing twice`() async throws {
        let directory = try TestDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
            let database = try Database(in: path)
            let answers = open(path + "/answers", O_WRONLY | O_CREAT | O_APPEND, 0o640)
            let answered = Log<String>()
            await withTaskGroup { group in
                for caller in 0..<64 {
                    group.addTask {
                        for i in 0... {
                            let text = "\(caller).\(i)"
                            let id = try? await database.writer.write { transaction in
                                try transaction.note(text)
                                return try transaction.emit()
                            }
                            guard let id else { return }
                            let line = "\(text) \(id)\n"
                            _ = line.withCString { write(answers, $0, strlen($0)) }
                            if answered.append(text) == 3000 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        let lines = try String(contentsOfFile: directory.path + "/answers", encoding: .utf8).split(separator: "\n")
        let answered = lines.map { $0.split(separator: " ").map(String.init) }
        #expect(answered.count >= 3000)
        let log = try FileManager.default.attributesOfItem(atPath: directory.path + "/saga.db-wal")[.size] as? Int
        #expect((log ?? 0) > 0)

        let database = try Database(in: directory.path)
        #expect(!database.isNew)
        let notes = try database.notes()
        let entries = try await database.read { try $0.outbox(after: 0, limit: .max) }
        #expect(Set(notes).count == notes.count)
        #expect(Set(answered.map { $0[0] }).isSubset(of: notes))
        #expect(Set(answered.map { $0[1] }).isSubset(of: entries.map { "\($0.eventID)" }))
        // What was not answered is there whole or not at all.
        #expect(entries.count == notes.count)
        #expect(entries.map(\.seq) == Array(1...Int64(entries.count)))
        _ = try await database.writer.write { try $0.emit() }
        #expect(try await database.read { try $0.outboxBounds().last } == Int64(entries.count) + 1)
    }

    @Test func `Faults 1 and 5, kill -9 before the commit: nothing of the work is left`() async throws {
        let directory = try TestDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
            let database = try Database(in: path)
            try await database.writer.write { try $0.note("answered") }
            _ = try await database.writer.write { transaction in
                // Far more than the cache holds, so that some of it is in the log already.
                for i in 0..<40 { try transaction.note("\(i)" + String(repeating: "x", count: 1 << 20)) }
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try Database(in: directory.path).notes() == ["answered"])
    }

    @Test func `A kill while a database is made leaves one that is made the next time`() async throws {
        let directory = try TestDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
            _ = try Database(
                in: path,
                initialize: {
                    try $0.note("half")
                    kill(getpid(), SIGKILL)
                })
        }
        let database = try Database(in: directory.path, initialize: { try $0.note("whole") })
        #expect(database.isNew)
        #expect(try database.notes() == ["whole"])
    }
}
