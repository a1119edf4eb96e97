import Saga
import Transport
import KafkaTransport
import SagaDaemon
import SagaStore
import Store
import Wire

/// The process of one service, and its disk.
///
/// The participant, the event handler, the SQL and the log of the outbox are the real ones. The database in memory stands for the
/// disk: a crash rolls back what was not committed and forgets everything else.
final class Node {
    let service: ServiceName
    let disk: SQLiteConnection
    unowned let world: World
    /// Everything else a process holds in memory; a new one for each run.
    private(set) var outbox: OutboxLog
    private(set) var published: Confirmations
    private var positions = ReadPositions()
    private var bookmarks = Bookmarks()
    private var intake: any Intake
    private(set) var isUp = true
    private(set) var run = 0
    /// How far the wall clock of its host is off.
    var clockError: Microseconds = 0
    /// No transport reaches it.
    var isCutOff = false
    /// There is an event that it cannot handle.
    private(set) var isObstructed = false
    /// What was delivered here, to come again when nobody expects it any more.
    var delivered: [IncomingRecord] = []
    var willStart: [() throws -> Void] = []
    var didCrash: [() -> Void] = []
    /// What is durable is known to everybody in the process.
    var didCommit: [() throws -> Void] = []
    private let afterthoughts: Afterthoughts
    private let makeIntake: (ReadPositions) -> any Intake
    private let retryLetter: (DeadLetterID, Transaction) throws -> SettledDeadLetter
    private var ids: IDGenerator
    private let followers: [String]

    init<P: Participant>(_ participant: P, schema: Schema, followers: [String], afterthoughts: Afterthoughts, world: World) throws {
        self.afterthoughts = afterthoughts
        makeIntake = { EventIntake(handler: EventHandler(participant), positions: $0) }
        retryLetter = { try EventHandler(participant).retry($0, in: $1) }
        intake = makeIntake(positions)
        service = P.service
        self.world = world
        self.followers = followers
        outbox = OutboxLog(followers: followers)
        published = Confirmations(outbox: outbox, follower: KafkaNetwork.follower)
        disk = try SQLiteConnection(path: ":memory:", role: .memory)
        ids = IDGenerator(random: world.dice.split())
        try schema.migrate(disk)
        try commit(mayFail: false) { transaction in
            try published.makeTables(in: transaction)
            try bookmarks.makeTables(in: transaction)
            _ = try transaction.initialize()
        }
    }

    var clock: Timestamp { Timestamp(microseconds: World.epoch + world.now + clockError) }

    var snapshot: Snapshot { Snapshot(disk) }

    // MARK: Life and death

    func start() throws {
        isUp = true
        run += 1
        ids = IDGenerator(random: world.dice.split())
        positions = ReadPositions()
        bookmarks = Bookmarks()
        intake = makeIntake(positions)
        outbox = OutboxLog(followers: followers)
        try outbox.restore(from: snapshot)
        published = Confirmations(outbox: outbox, follower: KafkaNetwork.follower)
        if world.mutant != .forgetsWhatWasConfirmed { try published.restore(from: snapshot) }
        world.note(self, "started")
        for action in willStart { try action() }
    }

    func crash() {
        guard isUp else { return }
        isUp = false
        world.note(self, "crashed")
        for action in didCrash { action() }
        afterthoughts.forget()
        world.after(.milliseconds(world.dice.pick(20...1500))) { [self] in if !isUp { try start() } }
    }

    /// Plans what this run of the process does later; a crash forgets it, and a crash inside it ends the run.
    func after(_ delay: Microseconds, _ action: @escaping () throws -> Void) {
        let run = run
        world.after(delay) { [self] in
            guard isUp, run == self.run else { return }
            try living(action)
        }
    }

    /// Runs what this process does; it may die of it.
    func living(_ action: () throws -> Void) throws {
        do { try action() } catch is Crash { crash() }
    }

    func mayCrash(_ point: Fault) throws {
        guard world.strikes(point) else { return }
        world.happened(point, at: self)
        throw Crash()
    }

    // MARK: Work

    /// One commit as the group-commit writer makes it, with every moment at which the process can die.
    ///
    /// - Parameter observe: told what is durable, before anybody in the process is.
    @discardableResult
    func commit<Result>(
        mayFail: Bool = true, observe: (Result) throws -> Void = { _ in }, _ work: (Transaction) throws -> Result
    ) throws -> Result {
        let transaction = Transaction(disk, now: clock, ids: ids)
        let result: Result
        do {
            try transaction.begin()
            if mayFail { try mayCrash(.crashAfterBegin) }
            result = try transaction.attempt(work)
            try outbox.save(in: transaction)
            try published.save(in: transaction)
            if world.mutant != .forgetsWhatItPassedOver {
                try positions.save(in: transaction)
                try bookmarks.save(in: transaction)
            }
            if mayFail {
                try mayCrash(.crashBeforeCommit)
                if world.strikes(.commitFailure) {
                    world.happened(.commitFailure, at: self)
                    throw StoreError.full
                }
            }
            try transaction.commit()
            ids = transaction.ids
        } catch {
            transaction.rollBack()
            ids = transaction.ids
            throw error
        }
        try observe(result)
        if mayFail { try mayCrash(.crashAfterCommit) }
        if !transaction.gathered.appended.isEmpty {
            outbox.appended(transaction.gathered.appended)
            world.outboxGrew(at: self)
        }
        for completion in transaction.completions { completion() }
        for action in didCommit { try action() }
        return result
    }

    /// Handles what a transport delivered, as the event pump does. When it returns the effects are durable.
    func consume(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)? = nil) throws {
        let batch = intake.examine(records, position: position)
        guard intake.admits(batch) else { return }
        if let mutant = world.mutant { try mutant.perform(batch, at: self, afterthoughts) } else { try perform(batch) }
        if delivered.count < 64 { delivered.append(contentsOf: records) }
        try mayCrash(.crashBeforePosition)
    }

    /// How far a consumer has come, to be saved with the next commit.
    func handled(_ places: [PartitionName: Bookmark]) {
        bookmarks.handled(places)
    }

    /// Effects, inbox, outbox and position in one transaction.
    func perform(_ batch: ReceivedBatch) throws {
        try commit(observe: { try world.observe($0, at: self) }) { try intake.handle(batch, in: $0) }
    }

    /// What `POST /dead-letters/{id}/retry` does.
    func retry(_ id: DeadLetterID) throws {
        try commit(observe: { [self] in
            if case .settled(let event, let followers, _) = $0 { try world.observe([event].compactMap(\.self) + followers, at: self) }
        }) { try retryLetter(id, $0) }
    }

    /// Events of this type cannot be handled.
    func obstruct(_ type: EventType) throws {
        try mend()
        isObstructed = true
        try disk.execute(
            """
            CREATE TRIGGER obstacle AFTER INSERT ON inbox WHEN new.type = '\(type.rawValue)'
            BEGIN SELECT RAISE(ABORT, 'an obstacle'); END
            """)
    }

    func mend() throws {
        isObstructed = false
        try disk.execute("DROP TRIGGER IF EXISTS obstacle")
    }

    /// The entries behind `seq`, as the transports read them.
    func entries(after seq: Int64, limit: Int) throws -> [OutboxEntry] {
        try outbox.recentEntries(after: seq, limit: limit) ?? snapshot.outbox(after: seq, limit: limit)
    }
}

/// The intake of whichever participant a node runs.
private protocol Intake {
    func examine(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) -> ReceivedBatch
    func admits(_ batch: ReceivedBatch) -> Bool
    func handle(_ batch: ReceivedBatch, in transaction: Transaction) throws -> [HandledEvent]
}

extension EventIntake: Intake {}
