import DequeModule
import Dispatch
import Glibc
import Synchronization
import Posix
package import Wire

/// The one thread that writes a database.
///
/// Callers hand it closures. It runs all that are waiting in one transaction, makes them durable with one commit, and then answers
/// them all: under load the batches grow by themselves, at rest a commit starts at once. A closure that throws is rolled back alone:
/// where it had written something, the batch is undone and run once more, each closure in a savepoint of its own. A crash before the
/// commit undoes the whole batch, and nobody has been answered.
///
/// After an error that no later work can survive (a failing disk, a damaged file) it answers everything with that error, and
/// `failed` tells the owner to end the process. A reader that meets such an error says so by `fail`.
///
/// The thread sleeps only when nothing waits, and only then is it woken: once for however much comes meanwhile.
///
/// `@unchecked Sendable`: the connection, the transaction and the closures run on the writer's thread only, which the connection
/// asserts; what other threads touch is behind the lock.
package final class GroupCommitWriter: @unchecked Sendable {
    package typealias Transaction = WriteTransaction

    /// What it has done since it began.
    package struct Statistics: Sendable {
        package var commits = 0
        /// Answered by these commits.
        package var jobs = 0
        /// Not taken on.
        package var refused = 0
        /// How often the thread had to be woken.
        package var wakeUps = 0
    }

    /// Made by a caller, run and answered on the writer's thread; handed over by the queue's lock.
    private struct Job: @unchecked Sendable {
        let work: (Transaction) throws -> Void
        /// Success means durable; after a failure nothing of it was written.
        let answer: (Result<Void, any Error>) -> Void
    }

    private struct Queue {
        var jobs: Deque<Job> = []
        /// The thread is about to look here again, and needs no waking.
        var isWriterAwake = true
        var isClosed = false
        var failure: StoreError?

        /// Notes that the thread is to look here again. True where it sleeps, and so must be woken.
        mutating func wake() -> Bool {
            defer { isWriterAwake = true }
            return !isWriterAwake
        }
    }

    private let queue = Mutex(Queue())
    private let statistics = Mutex(Statistics())
    /// Why the last commit was not possible; nil after one that was.
    private let lastFailure = Mutex<(error: StoreError, since: ContinuousClock.Instant)?>(nil)
    private let isProbing = Atomic(false)
    private let wakeUp = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    /// nil once it is closed.
    private var connection: (any SQLConnection)?
    private let clock: @Sendable () -> Timestamp
    private let prepareCommit: @Sendable (Transaction) throws -> Void
    private let newWork: @Sendable () -> any GatheredWork
    private let committed: @Sendable (any GatheredWork) -> Void
    private let measured: @Sendable (Duration, Int) -> Void
    private let failed: @Sendable (StoreError) -> Void

    /// Work of callers from outside beyond this is refused, so that a flood is answered instead of queued.
    package static let longestQueue = 8192
    private static let largestBatch = 512
    private static let mostConflicts = 5

    /// - Parameters:
    ///   - connection: handed over; used by the writer's thread alone from here on.
    ///   - newWork: makes what a transaction gathers in.
    ///   - prepareCommit: called before each commit, to add what need not cause a commit of its own.
    ///   - committed: called after each commit with what its work has gathered, if anything.
    ///   - measured: called after each commit with the time from the beginning of its transaction, and how many pieces of work it made durable.
    ///   - failed: called once, on the thread that met the error, when the database can never be written again.
    package init(
        connection: sending any SQLConnection, ids: IDGenerator, clock: @escaping @Sendable () -> Timestamp,
        newWork: @escaping @Sendable () -> any GatheredWork, prepareCommit: @escaping @Sendable (Transaction) throws -> Void,
        committed: @escaping @Sendable (any GatheredWork) -> Void,
        measured: @escaping @Sendable (Duration, Int) -> Void = { _, _ in }, failed: @escaping @Sendable (StoreError) -> Void
    ) {
        self.connection = connection
        self.clock = clock
        self.newWork = newWork
        self.prepareCommit = prepareCommit
        self.committed = committed
        self.measured = measured
        self.failed = failed
        DedicatedThread.start { self.run(ids: ids) }
    }

    /// Runs `work` in a transaction and returns when it is durable. It may run more than once; all but the last time is undone.
    ///
    /// - Parameter isBounded: the caller limits its own work, so that a long queue is no reason to refuse it.
    /// - Throws: what `work` threw, or a `StoreError`; in either case nothing of it was written.
    package func write<Result: Sendable>(
        isBounded: Bool = false, _ work: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
            var result: Result?
            submit(
                Job(
                    work: { result = try work($0) },
                    answer: { outcome in
                        switch outcome {
                        // Durable work has run, so it has a result.
                        case .success: continuation.resume(returning: result!)
                        case .failure(let error): continuation.resume(throwing: error)
                        }
                    }), isBounded: isBounded)
        }
    }

    package var counts: Statistics { statistics.withLock { $0 } }

    /// Why nothing can be written, in words; nil as far as anybody has tried.
    package var trouble: String? { lastFailure.withLock { $0 }.map { "nothing can be stored: \($0.error)" } }

    /// Since when the server of the database has been away; nil while it is there, as far as anybody has tried.
    package var awaySince: ContinuousClock.Instant? {
        lastFailure.withLock { failure in
            guard let failure, case .unavailable = failure.error else { return nil }
            return failure.since
        }
    }

    /// Has it try, unless it is trying already: a database at rest that somebody else has locked looks like any other. Returns at once.
    package func probe() {
        guard !isProbing.exchange(true, ordering: .relaxed) else { return }
        submit(Job(work: { _ in }, answer: { _ in self.isProbing.store(false, ordering: .relaxed) }), isBounded: true)
    }

    /// Finishes what is queued, then closes the connection. Later work is refused.
    package func close() {
        let sleeps = queue.withLock { queue in
            queue.isClosed = true
            return queue.wake()
        }
        if sleeps { wakeUp.signal() }
        ended.wait()
        ended.signal()
    }

    private func submit(_ job: Job, isBounded: Bool) {
        let (refusal, sleeps): (StoreError?, Bool) = queue.withLock { queue in
            if let failure = queue.failure { return (failure, false) }
            if queue.isClosed { return (.closed, false) }
            if !isBounded, queue.jobs.count >= GroupCommitWriter.longestQueue { return (.overloaded, false) }
            queue.jobs.append(job)
            return (nil, queue.wake())
        }
        if let refusal {
            statistics.withLock { $0.refused += 1 }
            job.answer(.failure(refusal))
        }
        if sleeps { wakeUp.signal() }
    }

    private func run(ids: IDGenerator) {
        var ids = ids
        connection?.confineToThisThread()
        while let jobs = nextBatch() {
            if let connection { commit(jobs, over: connection, &ids) }
        }
        connection = nil
        ended.signal()
    }

    /// Waits for work. nil once the queue is closed and empty.
    private func nextBatch() -> [Job]? {
        while true {
            let (batch, isClosed) = queue.withLock { queue in
                let batch = Array(queue.jobs.prefix(GroupCommitWriter.largestBatch))
                queue.jobs.removeFirst(batch.count)
                queue.isWriterAwake = !batch.isEmpty || queue.isClosed
                return (batch, queue.isClosed)
            }
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            wakeUp.wait()
            statistics.withLock { $0.wakeUps += 1 }
        }
    }

    private func commit(_ jobs: [Job], over connection: any SQLConnection, _ ids: inout IDGenerator) {
        let begun = ContinuousClock.now
        let (transaction, outcomes): (Transaction, [Result<Void, any Error>])
        do {
            (transaction, outcomes) = try makeDurable(jobs, over: connection, &ids)
        } catch {
            let error = error as? StoreError ?? .failed("\(error)")
            lastFailure.withLock { $0 = (error, $0?.since ?? begun) }
            if error.isFinal { fail(error) }
            for job in jobs { job.answer(.failure(error)) }
            return
        }
        statistics.withLock {
            $0.commits += 1
            $0.jobs += jobs.count
        }
        lastFailure.withLock { $0 = nil }
        measured(begun.duration(to: .now), jobs.count)
        if transaction.work.count > 0 { committed(transaction.work) }
        for completion in transaction.completions { completion() }
        for (job, outcome) in zip(jobs, outcomes) {
            job.answer(outcome)
            if let error = outcome.failure as? StoreError, error.isFinal { fail(error) }
        }
    }

    /// One transaction with all of the jobs in it, committed. One that was in another's way is run again, a few times.
    private func makeDurable(
        _ jobs: [Job], over connection: any SQLConnection, _ ids: inout IDGenerator
    ) throws -> (Transaction, [Result<Void, any Error>]) {
        var conflicts = 0
        var isGuarded = false
        while true {
            let transaction = Transaction(connection, now: clock(), ids: ids, gathering: newWork(), isGuarded: isGuarded)
            do {
                defer { ids = transaction.ids }
                if let outcomes = try run(jobs, in: transaction) {
                    try prepareCommit(transaction)
                    try transaction.commit()
                    return (transaction, outcomes)
                }
                transaction.rollBack()
                isGuarded = true
            } catch StoreError.conflict where conflicts < GroupCommitWriter.mostConflicts {
                transaction.rollBack()
                conflicts += 1
            } catch {
                transaction.rollBack()
                throw error
            }
        }
    }

    /// Runs the jobs in a new transaction. nil when one of them failed and can only be undone together with the others.
    ///
    /// - Throws: a `StoreError` that ended the whole transaction, or that is final: after a failure of the disk nothing is tried again.
    private func run(_ jobs: [Job], in transaction: Transaction) throws -> [Result<Void, any Error>]? {
        var outcomes: [Result<Void, any Error>] = []
        outcomes.reserveCapacity(jobs.count)
        try transaction.begin()
        for job in jobs {
            transaction.now = clock()
            let outcome = Result { try transaction.attempt(job.work) }
            if !transaction.connection.isInTransaction { throw outcome.failure ?? StoreError.failed("the transaction ended early") }
            if transaction.mustBeRepeated {
                if let error = outcome.failure as? StoreError, error.isFinal { throw error }
                return nil
            }
            outcomes.append(outcome)
        }
        do throws(StoreError) {
            try transaction.connection.flush()
        } catch {
            // Whose it was shows when each has a savepoint.
            if transaction.isGuarded || error.isInfrastructure { throw error }
            return nil
        }
        return outcomes
    }

    /// Nothing can be relied on any more: takes on no further work.
    ///
    /// - Parameter first: what is still to be done before `failed` ends the process.
    func fail(_ error: StoreError, first: () -> Void = {}) {
        let abandoned = queue.withLock { queue -> Deque<Job>? in
            guard queue.failure == nil else { return nil }
            queue.failure = error
            defer { queue.jobs = [] }
            return queue.jobs
        }
        guard let abandoned else { return }
        for job in abandoned { job.answer(.failure(error)) }
        first()
        failed(error)
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
