extension ConsumerLoop {
    /// Nobody else reads them either while this is so; an order waits for seconds, and is not answered by the wrong one.
    func withhold(_ share: KafkaShare?, _ handle: RDKafkaHandle) {
        handle.assign([:])
        share.map { onEvent(.partlyAssigned($0)) }
    }

    /// How many partitions the topics have together; nil if nobody answered.
    ///
    /// - Parameter given: a topic of which nothing is among them does not count where the others are there whole: the group's leader could
    ///   not see it, be it missing or forbidden. With a second member it is each topic that is divided, or all go to one of the two.
    func partitionsThereAre(_ handle: RDKafkaHandle, given: [KafkaPartition] = []) -> Int? {
        guard let found = handle.topicsOfCluster(within: Self.answerTimeout) else { return nil }
        let counts = topics.map { topic in (given: given.count { $0.topic == topic }, all: found[topic] ?? 0) }
        let areWhole = counts.allSatisfy { $0.given == 0 || $0.given == $0.all }
        return counts.reduce(0) { $0 + (areWhole && !given.isEmpty && $1.given == 0 ? 0 : $1.all) }
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
