/// A member of a consumer group that hands records over in batches, in order per partition, each at least once.
///
/// A batch counts as handled when the handler returns, but for what it says it has no room for: that is kept and offered again every
/// second, and its topics are not read on until then. Where to begin after a restart is for the owner to keep: it gets bookmarks
/// (`KafkaEvent.handled`) about once a second and is asked for them when partitions are assigned; without one, reading begins at the
/// first record there is. What was handled since comes again, as it does after a lost connection: the handler has to recognize it.
/// A log that is not the one that was read before, or misses records, is noticed and reported (`KafkaEvent.discontinuity`, see
/// `PartitionReading`). The group's offsets are committed too, for those who watch its lag.
///
/// The instance is served by a thread of its own, on which `handle` and `onEvent` are called. A handler that takes longer than
/// `max.poll.interval.ms` for a batch costs the membership; the consumer joins again, and the batch comes again. Letting go of the
/// instance stops it as `stop` does.
package final class KafkaConsumer: Sendable {
    /// Thrown by a handler that has not finished its batch, and does not want to go on.
    package struct Stop: Error {
        package init() {}
    }

    /// How much a handler gets at a time. The first limit that is reached ends the batch.
    package struct BatchLimit: Sendable {
        package let messages: Int
        /// Of keys, values and headers.
        package let bytes: Int

        package init(messages: Int = 500, bytes: Int = 4 << 20) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    private let loop: ConsumerLoop

    /// Succeeds whether or not a broker can be reached and the topics exist; a missing topic is an event, and found when it appears.
    /// - Parameters:
    ///   - properties: laid over our defaults; `bootstrap.servers` has to be among them.
    ///   - membership: how it takes part in the group.
    ///   - bookmarks: what was saved of these partitions.
    ///   - identity: what tells a record from another one in its place, if anything does.
    ///   - handle: returns the indices of what there is no room for; of a topic all from the first such message on.
    package init(
        properties: [String: String],
        group: String,
        membership: KafkaMembership = .shared,
        topics: [String],
        batchLimit: BatchLimit = BatchLimit(),
        bookmarks: @escaping @Sendable ([KafkaPartition]) -> [KafkaPartition: KafkaBookmark] = { _ in [:] },
        identity: @escaping @Sendable (KafkaMessage) -> UInt128? = { _ in nil },
        onEvent: @escaping @Sendable (KafkaEvent) -> Void = { _ in },
        handle: @escaping @Sendable ([KafkaMessage]) throws(Stop) -> Set<Int>
    ) throws(KafkaError) {
        loop = try ConsumerLoop(
            properties: properties, group: group, membership: membership, topics: topics, batchLimit: batchLimit, bookmarks: bookmarks,
            identity: identity,
            onEvent: onEvent,
            handle: handle)
    }

    deinit {
        loop.stop()
    }

    /// Begins to join the group and to read.
    package func start() {
        loop.start()
    }

    /// Asks it to end after the batch in hand. It cannot be started again.
    package func stop() {
        loop.stop()
    }

    /// Returns when it has ended, be it by `stop` or by the handler: offsets are committed, the group is left (if there is a broker),
    /// and nothing will be called any more.
    package func waitUntilStopped() async {
        await withCheckedContinuation { stopped in loop.whenStopped { stopped.resume() } }
    }

    /// Returns when its thread has polled once more: within a second if all is well. At once while the handler has a batch, however
    /// long that takes, and when the consumer does not run.
    package func waitUntilPolled() async {
        await withCheckedContinuation { polled in loop.whenPolling { polled.resume() } }
    }

    /// Whether the group has given it its share, which may be empty.
    package var isAssigned: Bool { loop.isAssigned }

    /// Topics were seen to have so many partitions: if the group has given out fewer, it is made to look again.
    package func expect(_ counts: [String: Int]) {
        loop.expect(counts, timeout: .seconds(5))
    }

    /// How many records there are on its partitions that it has not handled; nil as long as that is not known for all of them.
    package func lags() -> [String: Int64]? { loop.lags() }
}
