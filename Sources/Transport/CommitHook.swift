package import SagaStore
package import Store

/// What a transport keeps in the service's database: taken over at the start, and written along with commits that happen anyway, so
/// that keeping it causes none. Lost by a crash is at most what was learned since the last commit.
package protocol CommitHook: Sendable {
    /// Makes its own tables where they are missing, in a transaction of each start.
    func makeTables(in transaction: Transaction) throws

    /// Takes over what an earlier run left; called once, before anything is committed.
    func restore(from snapshot: Snapshot) throws

    /// Adds what is not yet saved to a transaction that is about to be committed. On the writer's thread.
    func save(in transaction: Transaction) throws
}

extension CommitHook {
    /// It keeps what it has in tables of the store.
    package func makeTables(in _: Transaction) {}
}
