extension ConsumerLoop {
    /// Nobody else reads them either while this is so; an order waits for seconds, and is not answered by the wrong one.
    func withhold(_ share: KafkaShare?, _ handle: RDKafkaHandle) {
        handle.assign([:])
        share.map { onEvent(.partlyAssigned($0)) }
    }

    /// How many partitions the topics have together; nil if nobody answered.
    func partitionsThereAre(_ handle: RDKafkaHandle) -> Int? {
        handle.topicsOfCluster(within: Self.answerTimeout).map { found in topics.reduce(0) { $0 + (found[$1] ?? 0) } }
    }

    /// What was given may be all there is, and nobody knew. Joining again finds out.
    func askForTheRest(_ handle: RDKafkaHandle) {
        guard let withheld = claim?.withheld, partitionsThereAre(handle) == withheld.count else { return }
        do throws(KafkaError) {
            try handle.subscribe(to: topics)
        } catch {
            onEvent(.error(error))
        }
    }
}
