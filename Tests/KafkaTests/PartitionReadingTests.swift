import Kafka
import Testing

/// The state machine by itself.
@Suite struct PartitionReadingTests {
    @Test func `reading goes on behind the record that was read last, if that is still there`() {
        var reading = PartitionReading(from: KafkaBookmark(offset: 4, identity: 40))
        #expect(reading.next == 4)
        #expect(reading.received(4, identity: 40) == .drop)
        #expect(reading.next == 5)
        #expect(reading.received(5, identity: 50) == .take)
    }

    @Test func `another record in its place means another log, which is read from its beginning`() {
        var reading = PartitionReading(from: KafkaBookmark(offset: 4, identity: 40))
        #expect(reading.received(4, identity: 41) == .startOver(.replaced))
        #expect(reading.next == 0)
        #expect(reading.received(0, identity: 41) == .take)
    }

    @Test func `a log that ends before the record that was read last has lost its data`() {
        var reading = PartitionReading(from: KafkaBookmark(offset: 4, identity: 40))
        #expect(reading.ends(before: 5) == nil)
        #expect(reading.ends(before: 4) == .shortened)
        #expect(reading.next == 0)
    }

    @Test(arguments: [
        (KafkaBookmark?.none, 0, 9, KafkaDiscontinuity?.none, 0), (nil, 3, 9, .trimmed(missing: 0..<3), 3),
        (KafkaBookmark(offset: 4, identity: 40), 5, 9, nil, 5), (KafkaBookmark(offset: 4, identity: 40), 5, 5, nil, 5),
        (KafkaBookmark(offset: 4, identity: 40), 7, 9, .trimmed(missing: 5..<7), 7),
        (KafkaBookmark(offset: 4, identity: 40), 0, 4, .shortened, 0), (KafkaBookmark(offset: 4, identity: 40), 2, 9, nil, 4),
    ])
    func `out of range, it is missing what lies between, and nothing else`(
        _ bookmark: KafkaBookmark?, _ low: Int64, _ high: Int64, _ finding: KafkaDiscontinuity?, _ next: Int64
    ) {
        var reading = PartitionReading(from: bookmark)
        #expect(reading.outOfRange(low: low, high: high) == finding)
        #expect(reading.next == next)
    }

    @Test func `in doubt it goes back to what was settled, whatever it has read since`() {
        var reading = PartitionReading(from: nil)
        reading.handled(4, identity: 40)
        reading.settle()
        reading.handled(6, identity: 60)
        reading.doubt()
        #expect(reading.next == 4)
        #expect(reading.received(4, identity: 41) == .startOver(.replaced))
    }
}
