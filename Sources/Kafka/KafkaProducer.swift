import Posix

/// An idempotent producer: what it reports as delivered is on the broker, and records of one key are there in the order in which
/// they were produced.
///
/// It keeps records in memory only. In a crash they are lost, so whoever produces has to know from elsewhere what was not
/// reported as delivered, and produce it again; it may then be on the topic twice.
///
/// The instance is served by a thread of its own, on which `onDelivery` and `onEvent` are called. Letting go of it without `close`
/// gives up what is in flight and frees everything soon after, without waiting.
package final class KafkaProducer: Sendable {
    let loop: ProducerLoop

    /// Succeeds whether or not a broker can be reached.
    /// - Parameter properties: laid over our defaults; `bootstrap.servers` has to be among them.
    /// - Parameter onDelivery: gets the reports in batches, one for every record that `produce` took.
    package init(
        properties: [String: String],
        onDelivery: @escaping @Sendable ([KafkaDelivery]) -> Void,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void = { _ in }
    ) throws(KafkaError) {
        loop = try ProducerLoop(properties: properties, onDelivery: onDelivery, onEvent: onEvent)
        let loop = loop
        DedicatedThread.start { loop.run() }
    }

    deinit {
        loop.close(flushTimeout: .zero, whenClosed: nil)
    }

    /// Queues a record; never blocks. `isQueueFull` of the error says to wait for deliveries first.
    /// After a fatal error every call throws it.
    package func produce(_ record: KafkaRecord, token: Int64) throws(KafkaError) {
        try loop.produce(record, token: token)
    }

    /// The first and the next offset of each partition of a topic, asked over the producer's own connections.
    package func watermarks(of topic: String, timeout: Duration) async throws(KafkaError) -> [Int32: Range<Int64>] {
        try await withCheckedContinuation { loop.watermarks(of: topic, timeout: timeout, $0) }.get()
    }

    /// The offset of the first record of each partition that is not older than a time, in milliseconds since 1970; `Int64.max` where all
    /// are. A partition that could not be asked is left out.
    package func offsets(
        of topic: String, partitions: [Int32], since time: Int64, timeout: Duration
    ) async throws(KafkaError) -> [Int32: Int64] {
        try await withCheckedContinuation { loop.offsets(of: topic, partitions, since: time, timeout: timeout, $0) }.get()
    }

    /// How many partitions topics have, or why that is not known, asked likewise.
    package func partitionCounts(of topics: [String], timeout: Duration) async -> [String: Result<Int, KafkaError>] {
        await withCheckedContinuation { loop.partitionCounts(of: topics, timeout: timeout, $0) }
    }

    /// Takes no more records, waits so long for those on their way, gives up the rest and frees everything.
    /// All delivery reports have been handed over when it returns.
    package func close(flushTimeout: Duration) async {
        await withCheckedContinuation { closed in
            loop.close(flushTimeout: flushTimeout) { closed.resume() }
        }
    }
}
