import SeededNumbers
import NIOCore
import Saga
import DirectTransport
import SagaStore
import Testing
import Wire

struct DirectProtocolTests {
    static let entry = OutboxEntry(
        seq: 7, eventID: EventID(bits: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10), orderID: OrderID(bits: 0xA0), type: .orderApproved,
        causation: EventID(bits: 0xC0), trace: TraceContext(traceID: 0xB0), occurredAt: Timestamp(microseconds: 0x1234), body: [0x7B, 0x7D])

    static let golden: [(frame: DirectFrame, bytes: [UInt8])] = [
        (
            .hello(.init(follower: "order", position: LogPosition(logID: 0xABCD, seq: 258, eventID: EventID(bits: 0xE0)))),
            [0, 0, 0, 48, 1, 2, 5] + Array("order".utf8) + zeros(14) + [0xAB, 0xCD] + zeros(6) + [1, 2] + zeros(15) + [0xE0]
        ),
        (.hello(.init(follower: "payment", position: nil)), [0, 0, 0, 50, 1, 2, 7] + Array("payment".utf8) + zeros(40)),
        (
            .welcome(.init(logID: 0xABCD, first: 3, last: 258, eventID: EventID(bits: 0xE0))),
            [0, 0, 0, 50, 2, 2] + zeros(14) + [0xAB, 0xCD] + zeros(7) + [3] + zeros(6) + [1, 2] + zeros(15) + [0xE0]
        ),
        (.acknowledgement(258), [0, 0, 0, 9, 4] + zeros(6) + [1, 2]),
        (.refusal("no"), [0, 0, 0, 4, 5, 2, 0x6E, 0x6F]),
    ]

    static let goldenBatch: [UInt8] =
        [0, 0, 0, 98, 3] + zeros(7) + [9, 0, 1] + zeros(7) + [7] + Array(1...16) + zeros(15) + [0xA0] + zeros(15) + [0xB0] + zeros(15)
        + [0xC0] + zeros(6) + [0x12, 0x34, 1, 0, 0, 0, 2, 0x7B, 0x7D]

    static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    @Test(arguments: golden)
    func framesHaveTheDocumentedBytes(_ frame: DirectFrame, _ bytes: [UInt8]) throws {
        var buffer = ByteBuffer()
        frame.encode(into: &buffer)
        #expect(Array(buffer.readableBytesView) == bytes)
        #expect(try DirectFrame(decoding: ByteBuffer(bytes: bytes.dropFirst(4))) == frame)
    }

    @Test(arguments: [LogPosition(logID: 0, seq: 1), LogPosition(logID: 0, seq: 0, eventID: EventID(bits: 1))])
    func aPositionInNoLogIsRefused(_ position: LogPosition) {
        var buffer = ByteBuffer()
        DirectFrame.hello(.init(follower: "order", position: position)).encode(into: &buffer)
        buffer.moveReaderIndex(forwardBy: 4)
        #expect(throws: DirectProtocolError.malformed("hello")) { try DirectFrame(decoding: buffer) }
    }

    @Test func batchesHaveTheDocumentedBytes() throws {
        var buffer = ByteBuffer()
        #expect(DirectFrame.encodeBatch(of: [Self.entry], last: 9, into: &buffer) == 1)
        #expect(Array(buffer.readableBytesView) == Self.goldenBatch)
        guard case .batch(let batch) = try DirectFrame(decoding: ByteBuffer(bytes: Self.goldenBatch.dropFirst(4))) else {
            Issue.record("not a batch")
            return
        }
        #expect(batch.last == 9)
        var records: [IncomingRecord] = []
        var position = LogPosition(logID: 1, seq: 6)
        try batch.append(to: &records, topic: "t", advancing: &position)
        #expect(position == LogPosition(logID: 1, seq: 7, eventID: Self.entry.eventID))
        #expect(
            records == [
                IncomingRecord(
                    topic: "t", partition: 0, offset: 7, key: Array("00000000-0000-0000-0000-0000000000a0".utf8),
                    attributes: .read(
                        id: Self.entry.eventID, time: Self.entry.occurredAt, causation: Self.entry.causation, trace: Self.entry.trace),
                    value: [0x7B, 0x7D])
            ])
    }

    @Test func aBatchEndsWhenItIsFull() {
        var buffer = ByteBuffer()
        #expect(DirectFrame.encodeBatch(of: Array(repeating: Self.entry, count: 1000), last: 9, into: &buffer) == 256)
        var large = Self.entry
        large.body = Array(repeating: 0, count: SagaEvent.largestBody)
        buffer.clear()
        #expect(DirectFrame.encodeBatch(of: Array(repeating: large, count: 100), last: 9, into: &buffer) == 4)
        #expect(buffer.readableBytes <= DirectProtocol.longestFrame.toFollower)
    }

    @Test(arguments: [
        (5, 1...5, LogPosition?.none, DirectStart(finding: .continued, after: 0)),
        (5, 1...5, LogPosition(logID: 5, seq: 5), DirectStart(finding: .continued, after: 5)),
        (5, 1...5, LogPosition(logID: 5, seq: 6), DirectStart(finding: .shortened, after: 0)),
        (5, 1...5, LogPosition(logID: 6, seq: 3), DirectStart(finding: .replaced, after: 0)),
        (5, 4...9, LogPosition(logID: 5, seq: 3), DirectStart(finding: .continued, after: 3)),
        (5, 4...9, LogPosition(logID: 5, seq: 2), DirectStart(finding: .continued, after: 2, missing: 3...3)),
        (5, 4...9, LogPosition(logID: 6, seq: 8), DirectStart(finding: .replaced, after: 0, missing: 1...3)),
    ])
    func readingBeginsWhereBothSidesSay(_ logID: UInt128, _ log: ClosedRange<Int64>, _ position: LogPosition?, _ start: DirectStart) {
        #expect(DirectFrame.Welcome(logID: logID, first: log.lowerBound, last: log.upperBound).start(from: position) == start)
    }

    @Test func anotherEventAtThePositionMeansThatTheLogIsAnotherOne() {
        let welcome = DirectFrame.Welcome(logID: 5, first: 3, last: 9, eventID: EventID(bits: 1))
        func start(_ read: EventID?) -> DirectStart { welcome.start(from: LogPosition(logID: 5, seq: 7, eventID: read)) }
        #expect(start(EventID(bits: 1)) == DirectStart(finding: .continued, after: 7))
        #expect(start(nil) == DirectStart(finding: .continued, after: 7))
        #expect(start(EventID(bits: 2)) == DirectStart(finding: .rewritten, after: 0))
    }

    @Test func anEmptyLogIsReadFromItsStart() {
        #expect(DirectFrame.Welcome(logID: 5, first: 1, last: 0).start(from: nil) == DirectStart(finding: .continued, after: 0))
    }

    @Test(
        arguments: [
            [6, 7], [7, 7], [-1], [1 << 61],
        ] as [[Int64]])
    func entriesThatDoNotRiseAreRefused(_ numbers: [Int64]) throws {
        var buffer = ByteBuffer()
        let entries = numbers.map { number in
            var entry = Self.entry
            entry.seq = number
            return entry
        }
        _ = DirectFrame.encodeBatch(of: entries, last: 9, into: &buffer)
        buffer.moveReaderIndex(forwardBy: 4)
        guard case .batch(let batch) = try DirectFrame(decoding: buffer) else { return }
        var records: [IncomingRecord] = []
        var position = LogPosition(logID: 1, seq: 6)
        #expect(throws: DirectProtocolError.malformed("entry")) {
            try batch.append(to: &records, topic: "t", advancing: &position)
        }
    }

    /// Frames of a real conversation, with bytes flipped, cut, inserted and repeated, in pieces of any size. Nothing may crash, and
    /// nothing may come out that is longer than what went in.
    @Test(arguments: 0..<4)
    func noBytesCrashTheDecoder(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let seeds = Self.golden.map(\.bytes) + [Self.goldenBatch, Self.goldenBatch + Self.goldenBatch]
        var decoded = 0
        for _ in 0..<3000 {
            var bytes = seeds.randomElement(using: &random)! + seeds.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...4, using: &random) { random.mutate(&bytes) }
            let splitter = NIOSingleStepByteToMessageProcessor(FrameSplitter(longestFrame: 512))
            do {
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...rest.count, using: &random))
                    rest = rest[piece.endIndex...]
                    try splitter.process(buffer: ByteBuffer(bytes: piece)) { frame in
                        #expect(frame.readableBytes <= min(512, bytes.count))
                        if Self.decode(frame, atMost: bytes.count) { decoded += 1 }
                    }
                }
            } catch is DirectProtocolError {}
        }
        // It would prove little if nothing came through.
        #expect(decoded > 3000)
    }

    private static func decode(_ frame: ByteBuffer, atMost limit: Int) -> Bool {
        guard let frame = try? DirectFrame(decoding: frame) else { return false }
        if case .welcome(let welcome) = frame { _ = welcome.start(from: LogPosition(logID: welcome.logID, seq: 5)) }
        guard case .batch(let batch) = frame else { return true }
        var records: [IncomingRecord] = []
        var position = LogPosition(logID: 1, seq: 0)
        try? batch.append(to: &records, topic: "t", advancing: &position)
        #expect(records.capacity <= limit)
        #expect(records.reduce(0) { $0 + ($1.value?.count ?? 0) } <= limit)
        return true
    }
}

extension SplitMix64 {
    fileprivate mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &self)
        switch next() % 5 {
        case 0: bytes[index] ^= 1 << UInt8(next() % 8)
        case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &self)!
        case 2: bytes.removeSubrange(index...)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: next()), at: index)
        default: bytes.insert(contentsOf: bytes[index...], at: index)
        }
    }
}
