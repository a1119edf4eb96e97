import SagaTestSupport
import Foundation
import Saga
import SagaStore
import Store
import Testing
import Wire

/// The real writer on a disk that forgets what was not synced, and whose syncs fail.
@Suite(.timeLimit(.minutes(5))) struct PowerLossTests {
    /// Fewer under a sanitizer, more by night.
    private static let rounds = ProcessInfo.processInfo.environment["SAGA_POWER_LOSS_ROUNDS"].flatMap { UInt64($0) } ?? 400

    @Test func `Fault 26, power loss: whatever vanishes of what was not synced, everything acknowledged is there`() async throws {
        for seed in 1...PowerLossTests.rounds {
            let loss = try await PowerLossRound(seed: seed, durability: .full).run()
            try #require(loss == nil, "seed \(seed): \(loss ?? "")")
        }
    }

    /// Of the log: the end of the writer. Of the database file: at a checkpoint, which the log makes up for.
    @Test(arguments: [SimulatedDisk.SyncedFile.log, .database])
    func `Fault 25, I/O error on fsync: nothing acknowledged is lost with what the disk has dropped`(
        _ file: SimulatedDisk.SyncedFile
    ) async throws {
        for seed in 1...PowerLossTests.rounds / 2 {
            let loss = try await PowerLossRound(seed: seed, durability: .full, failing: file).run()
            try #require(loss == nil, "seed \(seed): \(loss ?? "")")
        }
    }

    @Test(arguments: [PowerLossRound.Durability.normal, .off])
    func `Fault 26, power loss: a database that syncs less than it should is found out`(_ durability: PowerLossRound.Durability)
        async throws
    {
        for seed in 1...PowerLossTests.rounds {
            if try await PowerLossRound(seed: seed, durability: durability).run() != nil { return }
        }
        Issue.record("no round noticed it")
    }
}

/// A few lives of one database, each ended by the power or by a crash of the program, the last by the power. The same seed goes the
/// same way.
struct PowerLossRound {
    enum Durability: String, Sendable {
        case full
        /// Mutants: the log is synced only before it is emptied, or never.
        case normal, off
    }

    private let seed: UInt64
    private let durability: Durability
    /// Whose syncs fail from somewhere in each life on.
    private let failing: SimulatedDisk.SyncedFile?

    init(seed: UInt64, durability: Durability, failing: SimulatedDisk.SyncedFile? = nil) {
        (self.seed, self.durability, self.failing) = (seed, durability, failing)
    }

    /// What was lost or damaged, if anything was.
    func run() async throws -> String? {
        let directory = try TestDirectory()
        let disk = SimulatedDisk(directory: directory.path, seed: seed)
        var dice = Dice(seed: ~seed)
        var acknowledged: Set<String> = []
        for life in 1...3 {
            if dice.chance(9, in: 10) { disk.cutPower(after: dice.pick(1...dice.pick(of: [10, 60, 300]))) }
            let checkpoint = dice.pick(3...80)
            let sizes = (0..<dice.pick(1...10)).map { _ in (0..<dice.pick(1...6)).map { _ in dice.pick(of: [5, 50, 500, 9000]) } }
            let failure = dice.pick(0...sizes.count - 1)
            if let store = try? Store(disk.directory, durability) {
                // Whoever asks again is told of it, so it is promised.
                acknowledged.formUnion((try? await store.writer.write { try $0.notes() }) ?? [])
                await write(sizes, life: life, failingAt: failure, to: store.writer, on: disk, checkpointAt: checkpoint, &acknowledged)
                disk.cutPower(after: 0)
                await onThread { store.close() }
                try #require(disk.isUsed)
            }
            // Killed, or ended by its disk: the next life still reads what the disk may not have.
            if life < 3, dice.chance(1, in: 2) {
                disk.restartProgram()
                continue
            }
            disk.restart()
            // The power may go again while what is left is being recovered.
            if dice.chance(1, in: 3) {
                disk.cutPower(after: dice.pick(1...30))
                try? Database(in: disk.directory).close()
                disk.cutPower(after: 0)
                disk.restart()
            }
            do {
                let found = try examine(disk.directory)
                guard acknowledged.isSubset(of: found) else {
                    return "life \(life): \(acknowledged.subtracting(found).count) of \(acknowledged.count) missing"
                }
                acknowledged = found
            } catch {
                return "life \(life): \(error)"
            }
        }
        return nil
    }

    /// Groups of work, each in one commit, until one fails.
    private func write(
        _ groups: [[Int]], life: Int, failingAt failure: Int, to writer: GroupCommitWriter, on disk: SimulatedDisk,
        checkpointAt pages: Int, _ acknowledged: inout Set<String>
    ) async {
        _ = try? await writer.write { try $0.connection.execute("PRAGMA wal_autocheckpoint = \(pages)") }
        for (number, group) in groups.enumerated() where disk.hasPower {
            if let failing, number == failure { disk.failSyncs(of: failing) }
            // The group waits behind the hold, so that the writer takes it whole.
            let hold = await writer.hold()
            let jobs = group.enumerated().map { index, size in
                let text = "\(life).\(number).\(index)" + String(repeating: "x", count: size)
                return writer.submit { transaction in
                    try transaction.note(text)
                    try transaction.emit()
                    return text
                }
            }
            try? await hold.letGo()
            for job in jobs {
                guard let text = try? await job.value else { return }
                acknowledged.insert(text)
            }
        }
    }

    /// The notes there are, in a database that is sound.
    private func examine(_ directory: String) throws -> Set<String> {
        let database = try Database(in: directory)
        defer { database.close() }
        return try database.read { snapshot in
            let problem = try snapshot.connection.first("PRAGMA integrity_check") { try $0.text(0) }
            let notes = try snapshot.notes()
            let entries = try snapshot.outbox(after: 0, limit: .max)
            guard problem == "ok" else { throw Damage(what: problem ?? "no answer") }
            guard entries.map(\.seq) == Array(1..<Int64(notes.count + 1)) else { throw Damage(what: "half of a piece of work") }
            return Set(notes)
        }
    }

    private struct Damage: Error {
        let what: String
    }

    /// The writer over a database as the daemons open it, or over one that is less careful.
    private struct Store {
        let writer: GroupCommitWriter
        let close: @Sendable () -> Void

        init(_ directory: String, _ durability: Durability) throws {
            guard durability != .full else {
                let database = try Database(in: directory)
                writer = database.writer
                close = { database.close() }
                return
            }
            let connection = try SQLiteConnection(path: directory + "/saga.db", role: .writer)
            try connection.execute("PRAGMA synchronous = \(durability.rawValue)")
            try Schema.notes.migrate(connection)
            let setup = Transaction(connection, now: .start, ids: IDGenerator())
            try setup.begin()
            _ = try setup.initialize()
            try setup.commit()
            let writer = GroupCommitWriter(
                connection: connection, ids: setup.ids, clock: { .start }, newWork: { UncommittedEvents() }, prepareCommit: { _ in },
                committed: { _ in }, failed: { _ in })
            self.writer = writer
            close = { writer.close() }
        }
    }
}

extension Dice {
    mutating func pick(of choices: [Int]) -> Int { choices[pick(0...choices.count - 1)] }
}
