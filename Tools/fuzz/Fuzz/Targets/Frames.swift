import NIOCore
import Saga
import DirectTransport
import SagaStore
import Wire

extension FuzzTarget {
    /// What comes over `events.sock`, at either end. The first byte says where the stream is cut in pieces; that makes no difference.
    static let frames = FuzzTarget(
        "frames", seeds: conversations, words: ["\u{0}\u{0}\u{0}\t\u{4}", "\u{1}", "order", "\u{0}\u{0}\u{0}\u{0}"]
    ) { bytes in
        let stream = bytes.dropFirst()
        for longest in [DirectProtocol.longestFrame.fromFollower, DirectProtocol.longestFrame.toFollower] {
            let whole = split(stream, into: stream.count, longest)
            let pieces = split(stream, into: Int(bytes.first ?? 0) % 61 + 1, longest)
            try require(whole == pieces, "\(whole) in one piece, \(pieces) in several")
            for frame in whole.frames { try examine(frame, longest) }
        }
    }

    private struct Outcome: Equatable {
        var frames: [ByteBuffer] = []
        var error: DirectProtocolError?
    }

    private static func split(_ stream: ArraySlice<UInt8>, into size: Int, _ longest: Int) -> Outcome {
        let splitter = NIOSingleStepByteToMessageProcessor(FrameSplitter(longestFrame: longest))
        var outcome = Outcome()
        var rest = stream
        do {
            while !rest.isEmpty {
                let piece = rest.prefix(max(1, size))
                rest = rest[piece.endIndex...]
                try splitter.process(buffer: ByteBuffer(bytes: piece)) { outcome.frames.append($0) }
            }
            try splitter.finishProcessing(seenEOF: true) { outcome.frames.append($0) }
        } catch {
            outcome.error = error as? DirectProtocolError
        }
        return outcome
    }

    private static func examine(_ buffer: ByteBuffer, _ longest: Int) throws {
        try require((1...longest).contains(buffer.readableBytes), "a frame of \(buffer.readableBytes) bytes")
        guard let frame = try? DirectFrame(decoding: buffer) else { return }
        var encoded = ByteBuffer()
        frame.encode(into: &encoded)
        encoded.moveReaderIndex(forwardBy: 4)
        // A refusal that is not UTF-8 is repaired.
        if case .refusal = frame {} else { try require(encoded == buffer, "\(frame) is written differently") }
        switch frame {
        case .welcome(let welcome):
            let start = welcome.start(from: LogPosition(logID: welcome.logID, seq: 5))
            try require(start.after >= 0 && start.after <= max(welcome.last, 5), "\(welcome) begins \(start)")
        case .batch(let batch):
            var records: [IncomingRecord] = []
            var position = LogPosition(logID: 1, seq: 0)
            guard (try? batch.append(to: &records, topic: "t", advancing: &position)) != nil else { return }
            try require(
                records.count == batch.count && records.last?.offset ?? 0 == position.seq, "\(records.count) of \(batch.count)")
            try require(zip(records, records.dropFirst()).allSatisfy { $0.offset < $1.offset }, "not in order")
            for record in records { _ = try? record.decoded() }
        case .hello, .acknowledgement, .refusal: break
        }
    }

    private static var conversations: [[UInt8]] {
        func stream(_ frames: [DirectFrame], _ entries: ArraySlice<OutboxEntry> = []) -> [UInt8] {
            var buffer = ByteBuffer()
            for frame in frames { frame.encode(into: &buffer) }
            if !entries.isEmpty { _ = DirectFrame.encodeBatch(of: entries, last: 99, into: &buffer) }
            return [7] + Array(buffer.readableBytesView)
        }
        return [
            stream([
                .hello(.init(follower: "order", position: LogPosition(logID: 0xABCD, seq: 258, eventID: EventID(bits: 7)))),
                .acknowledgement(259),
                .acknowledgement(260),
            ]),
            stream([.hello(.init(follower: "payment", position: nil))]),
            stream([.welcome(.init(logID: 0xABCD, first: 3, last: 258))], Sample.outbox[...]),
            stream([.welcome(.init(logID: 0xABCD, first: 1, last: 0)), .refusal("no")], Sample.outbox[...1]),
        ]
    }
}
