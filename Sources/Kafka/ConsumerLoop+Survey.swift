/// What others ask through the consumer's handle. It blocks, so each question gets a thread; a handle that is closed meanwhile is freed
/// by that.
extension ConsumerLoop {
    func partitionCounts(
        of topics: [String], timeout: Duration, _ done: CheckedContinuation<[String: Result<Int, KafkaError>], Never>
    ) {
        ask { handle in
            let deadline = ContinuousClock.now + timeout
            let counts = topics.map { topic in
                let left = ContinuousClock.now.duration(to: deadline)
                let count = Result { () throws(KafkaError) in
                    guard let handle else { throw KafkaError.closed }
                    return try handle.partitions(of: topic, within: left).count
                }
                return (topic, count)
            }
            if let handle, counts.contains(where: { self.lacksPartitions(of: $0, count: (try? $1.get()) ?? 0) }) {
                // Only what lists all topics has the library compare them with what the group has given out.
                _ = handle.topicsOfCluster(within: timeout)
            }
            done.resume(returning: Dictionary(counts) { $1 })
        }
    }

    func notes(
        of group: String, on topic: String, _ partitions: [Int32], timeout: Duration,
        _ done: CheckedContinuation<Result<[Int32: String], KafkaError>, Never>
    ) {
        ask { handle in
            let notes = Result { () throws(KafkaError) in
                guard let handle else { throw KafkaError.closed }
                return try handle.notes(of: group, topic, partitions, within: timeout)
            }
            done.resume(returning: notes)
        }
    }
}
