import Glibc

extension ConsumerLoop {
    /// A process that was frozen, or its machine, has records that others may have handled since. The library finds that out by itself, a
    /// moment after it goes on; a handler that has only been slow waits that moment for nothing.
    func dropWhatWasLost(_ handle: RDKafkaHandle) {
        if lastBatch.duration(to: .now) >= Self.frozen { usleep(Self.moment) }
        lastBatch = .now
        if handle.isAssignmentLost { batch.clear() }
    }

    /// Shorter than any session, longer than most batches.
    private static let frozen: Duration = .milliseconds(2500)
    private static let moment: UInt32 = 200_000

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

    /// What was given may be all there is, and nobody knew; or all there was when its former process joined. Joining again finds out: a
    /// group gives out its partitions anew when its leader joins, and one that is alone is that.
    func askForTheRest(_ handle: RDKafkaHandle) {
        guard let withheld = claim?.withheld else { return }
        guard claim?.asksAnew() == true || partitionsThereAre(handle) == withheld.count else { return }
        do throws(KafkaError) {
            try handle.subscribe(to: topics)
        } catch {
            onEvent(.error(error))
        }
    }
}
