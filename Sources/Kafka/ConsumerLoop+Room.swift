import Synchronization

/// What the handler has no room for stays in hand, and its topics are not read on; the others are. On the thread.
extension ConsumerLoop {
    private static let offerInterval: Duration = .seconds(1)

    /// - Returns: the rest, which was handled.
    func hold(_ waiting: Set<Int>, of batch: MessageBatch) -> MessageBatch {
        nextOffer = .now + Self.offerInterval
        var handled = MessageBatch(limit: batch.limit)
        for (index, message) in batch.messages.enumerated() {
            if waiting.contains(index) {
                held[message.topic, default: MessageBatch(limit: batch.limit)].append(message, identity: identity(message))
            } else {
                handled.append(message, identity: identity(message))
            }
        }
        for (partition, end) in batch.reached where held[partition.topic]?.reached(end: end, of: partition) == nil {
            handled.reached(end: end, of: partition)
        }
        return handled
    }

    /// The end of a partition comes behind what is held of it.
    func reached(end: Int64, of partition: KafkaPartition) {
        if held[partition.topic]?.reached(end: end, of: partition) == nil { batch.reached(end: end, of: partition) }
    }

    func offerHeldIfDue() {
        guard !held.isEmpty, ContinuousClock.now >= nextOffer else { return }
        for (topic, batch) in held where lifecycle.isRunning {
            held[topic] = nil
            self.handle(batch)
        }
    }

    /// Has the library deliver what there is room for, and nothing else.
    func readWhatHasRoom(_ handle: RDKafkaHandle) {
        guard !(held.isEmpty && paused.isEmpty) else { return }
        let full = Set(held.keys)
        guard full != paused else { return }
        assignment.withLock { assignment in
            handle.pause(assignment.partitions(of: full.subtracting(paused)))
            handle.resume(assignment.partitions(of: paused.subtracting(full)))
        }
        paused = full
        onEvent(.waiting(full))
    }

    /// It comes again, to this member or to another one.
    func letGo(_ handle: RDKafkaHandle) {
        held = [:]
        readWhatHasRoom(handle)
    }
}
