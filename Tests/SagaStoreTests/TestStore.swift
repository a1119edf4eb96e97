import InventoryService
import OrderService
import PaymentService
import Dispatch
import Saga
import SagaStore
import Store
import Synchronization
import Wire

/// What the callbacks of a database were told, in order.
final class Callbacks: Sendable {
    private let state = Mutex(State())

    private struct State {
        var committed: [[OutboxEntry]] = []
        var failures: [StoreError] = []
        var prepared = 0
    }

    var committed: [[OutboxEntry]] { state.withLock(\.committed) }
    var failures: [StoreError] { state.withLock(\.failures) }
    var prepared: Int { state.withLock(\.prepared) }

    func committed(_ entries: [OutboxEntry]) { state.withLock { $0.committed.append(entries) } }
    func failed(_ error: StoreError) { state.withLock { $0.failures.append(error) } }
    func prepareCommit() { state.withLock { $0.prepared += 1 } }
}

/// What happened, in order, on whatever thread.
final class Log<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])

    var all: [Event] { events.withLock { $0 } }

    /// Returns how many there are now.
    @discardableResult
    func append(_ event: Event) -> Int {
        events.withLock {
            $0.append(event)
            return $0.count
        }
    }
}

/// A clock that stands still until it is set.
final class ManualClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp = .start) { time = Mutex(start) }

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

extension Timestamp {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)

    static func + (time: Timestamp, seconds: Int64) -> Timestamp {
        Timestamp(microseconds: time.microseconds + seconds * 1_000_000)
    }
}

extension Schema {
    /// The shared tables and one to take notes in.
    static let notes = Schema("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, answer BLOB) STRICT;")
}

extension Database {
    convenience init(
        in directory: String, schema: Schema = .notes, clock: ManualClock = ManualClock(), callbacks: Callbacks = Callbacks(),
        initialize: (Transaction) throws -> Void = { _ in }, prepareCommit: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) throws {
        try self.init(
            engine: SQLiteEngine(directory: directory), schema: schema, clock: { clock.now }, initialize: initialize,
            prepareCommit: {
                callbacks.prepareCommit()
                try prepareCommit($0)
            },
            committed: { callbacks.committed($0.appended) }, failed: { callbacks.failed($0) })
    }

    func notes() throws -> [String] {
        try read { try $0.notes() }
    }
}

extension Snapshot {
    func notes() throws -> [String] {
        try connection.all("SELECT text FROM note ORDER BY id") { try $0.text(0) }
    }
}

extension Transaction {
    func note(_ text: String) throws {
        try connection.run("INSERT INTO note (text) VALUES (?)", .text(text))
    }

    /// Queues an event of an order that nothing else is known of.
    @discardableResult
    func emit(of order: OrderID? = nil) throws -> EventID {
        let (id, fresh): (EventID, OrderID) = decide { ($0.newID(), $0.newID()) }
        let order = order ?? fresh
        try append(Emission(.orderApproved(orderID: order), id: id), causation: nil, trace: TraceContext(order: order))
        return id
    }
}

extension GroupCommitWriter {
    /// Hands in work; it is in the queue when this returns.
    func submit<Result: Sendable>(
        isBounded: Bool = false, _ work: @escaping @Sendable (Transaction) throws -> Result
    ) -> Task<Result, any Error> {
        Task.immediate { try await self.write(isBounded: isBounded, work) }
    }

    /// Occupies the writer's thread inside a transaction until it is let go, so that what is handed in meanwhile waits.
    func hold() async -> Hold {
        let (entered, continuation) = AsyncStream<Void>.makeStream()
        let gate = DispatchSemaphore(value: 0)
        let task = submit { _ in
            continuation.yield()
            gate.wait()
        }
        for await _ in entered { break }
        return Hold(gate: gate, task: task)
    }
}

struct Hold: Sendable {
    fileprivate let gate: DispatchSemaphore
    fileprivate let task: Task<Void, any Error>

    func letGo() async throws {
        gate.signal()
        try await task.value
    }
}

/// What an operation threw, as a `StoreError`.
func storeError<Result>(_ body: () async throws -> Result) async -> StoreError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StoreError
    }
}

extension StoreError {
    var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
    var isUnusableDirectory: Bool { if case .unusableDirectory = self { true } else { false } }
}
