import Synchronization

/// Whether the logs are those that were read. On the thread.
extension ConsumerLoop {
    /// By joining again: librdkafka 2.0.2 aborts the process when partitions are assigned anew before it has stopped reading them.
    func readOn(_ handle: RDKafkaHandle) {
        guard assignment.withLock({ $0.canReread }) else { return }
        do throws(KafkaError) {
            try handle.subscribe(to: topics)
            assignment.withLock { $0.rereads() }
            letGo(handle)
        } catch {
            onEvent(.error(error))
        }
    }

    func review(_ handle: RDKafkaHandle) {
        if assignment.withLock({ $0.reconsider() }) {
            batch.clear()
            readOn(handle)
            return
        }
        let (findings, settled) = assignment.withLock { $0.review { handle.watermarks(of: $0)?.high } }
        for (partition, finding) in findings { onEvent(.discontinuity(partition, finding)) }
        if !findings.isEmpty { readOn(handle) }
        if !settled.isEmpty { onEvent(.handled(settled)) }
    }

    /// Asks what there is of partitions whose position is gone, again if nobody answers.
    func findRange(_ handle: RDKafkaHandle) {
        let partitions = assignment.withLock { $0.outOfRange }
        guard !partitions.isEmpty else { return }
        for partition in partitions {
            guard let (low, high) = handle.currentWatermarks(of: partition, within: Self.answerTimeout) else { continue }
            let finding = assignment.withLock { $0.found(low: low, high: high, of: partition) }
            if let finding { onEvent(.discontinuity(partition, finding)) }
        }
        readOn(handle)
    }
}
