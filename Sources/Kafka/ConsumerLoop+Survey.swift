import Synchronization
import Posix

extension ConsumerLoop {
    /// Topics were seen to have so many partitions. Only what lists all topics has the library compare them with what the group has given
    /// out; that blocks, so it gets a thread.
    func expect(_ counts: [String: Int], timeout: Duration) {
        guard counts.contains(where: { lacksPartitions(of: $0.key, count: $0.value) }), let handle = lifecycle.handle else { return }
        DedicatedThread.start {
            _ = handle.topicsOfCluster(within: timeout)
            // The handle's callbacks lead here: this object outlives it.
            withExtendedLifetime(self) {}
        }
    }

    /// Whether a topic has partitions that the group has not given out; not while it gives out none.
    private func lacksPartitions(of topic: String, count: Int) -> Bool {
        topics.contains(topic) && assignment.withLock { $0.isGiven && $0.count(of: topic) < count }
    }
}
