package import NIOCore
package import Saga
package import SagaStore
import Wire

/// What the two sides of `events.sock` say to each other; laid out as in `DirectProtocol`.
package enum DirectFrame: Equatable, Sendable {
    case hello(Hello)
    case welcome(Welcome)
    case batch(Batch)
    case acknowledgement(Int64)
    case refusal(String)

    package struct Hello: Equatable, Sendable {
        /// The name of the service that follows.
        package var follower: String
        /// Where it has come to, in the log it knew; nil at the very beginning.
        package var position: LogPosition?

        package init(follower: String, position: LogPosition?) {
            self.follower = follower
            self.position = position
        }
    }

    package struct Welcome: Equatable, Sendable {
        package var logID: UInt128
        package var first: Int64
        package var last: Int64
        /// What is at the position the follower named, if that is still there.
        package var eventID: EventID?

        package init(logID: UInt128, first: Int64, last: Int64, eventID: EventID? = nil) {
            self.logID = logID
            self.first = first
            self.last = last
            self.eventID = eventID
        }
    }

    /// Entries as they arrived; they are looked into one by one.
    package struct Batch: Equatable, Sendable {
        package var last: Int64
        package var count: Int
        package var entries: ByteBuffer
    }
}

extension DirectFrame {
    /// Appends the frame with its length.
    package func encode(into buffer: inout ByteBuffer) {
        let start = buffer.beginFrame()
        switch self {
        case .hello(let hello):
            buffer.writeMultipleIntegers(1 as UInt8, DirectProtocol.version)
            buffer.writeText(hello.follower)
            buffer.writeMultipleIntegers(hello.position?.logID ?? 0, hello.position?.seq ?? 0, hello.position?.eventID?.bits ?? 0)
        case .welcome(let welcome):
            buffer.writeMultipleIntegers(
                2 as UInt8, DirectProtocol.version, welcome.logID, welcome.first, welcome.last, welcome.eventID?.bits ?? 0)
        case .batch(let batch):
            buffer.writeMultipleIntegers(3 as UInt8, batch.last, UInt16(batch.count))
            buffer.writeImmutableBuffer(batch.entries)
        case .acknowledgement(let seq): buffer.writeMultipleIntegers(4 as UInt8, seq)
        case .refusal(let reason):
            buffer.writeInteger(5 as UInt8)
            buffer.writeText(reason)
        }
        buffer.endFrame(at: start)
    }

    /// Appends a batch with as many of the entries as go into one, and returns how many those are.
    package static func encodeBatch(of entries: some Collection<OutboxEntry>, last: Int64, into buffer: inout ByteBuffer) -> Int {
        let start = buffer.beginFrame()
        buffer.writeMultipleIntegers(3 as UInt8, last, 0 as UInt16)
        var count: UInt16 = 0
        for entry in entries {
            buffer.writeMultipleIntegers(
                entry.seq, entry.eventID.bits, entry.orderID.bits, entry.trace.traceID, entry.causation?.bits ?? 0,
                entry.occurredAt.microseconds, (entry.causation == nil ? 0 : 1) | (entry.trace.isSampled ? 0 : 2) as UInt8,
                UInt32(entry.body.count))
            buffer.writeBytes(entry.body)
            count += 1
            if count == DirectProtocol.fullBatch.entries || buffer.writerIndex - start >= DirectProtocol.fullBatch.bytes { break }
        }
        buffer.setInteger(count, at: start + 13)
        buffer.endFrame(at: start)
        return Int(count)
    }

    /// Reads a whole frame, without its length.
    package init(decoding frame: ByteBuffer) throws(DirectProtocolError) {
        var frame = frame
        switch frame.readInteger(as: UInt8.self) {
        case 1:
            try frame.readVersion()
            guard let follower = frame.readText(), !follower.isEmpty,
                let (logID, seq, event) = frame.readMultipleIntegers(as: (UInt128, Int64, UInt128).self), isNumber(seq),
                logID != 0 || (seq == 0 && event == 0),
                // It ends up in the log.
                follower.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
            else { throw .malformed("hello") }
            let position = LogPosition(logID: logID, seq: seq, eventID: eventID(event))
            self = .hello(Hello(follower: follower, position: logID == 0 ? nil : position))
        case 2:
            try frame.readVersion()
            guard let (logID, first, last, event) = frame.readMultipleIntegers(as: (UInt128, Int64, Int64, UInt128).self),
                isNumber(first), isNumber(last), logID != 0, first <= last + 1
            else { throw .malformed("welcome") }
            self = .welcome(Welcome(logID: logID, first: first, last: last, eventID: eventID(event)))
        case 3:
            guard let (last, count) = frame.readMultipleIntegers(as: (Int64, UInt16).self), isNumber(last), count > 0
            else { throw .malformed("batch") }
            self = .batch(Batch(last: last, count: Int(count), entries: frame.slice()))
            return
        case 4:
            guard let seq = frame.readInteger(as: Int64.self), isNumber(seq) else { throw .malformed("acknowledgement") }
            self = .acknowledgement(seq)
        case 5:
            guard let reason = frame.readText() else { throw .malformed("refusal") }
            self = .refusal(reason)
        default: throw .malformed("frame")
        }
        guard frame.readableBytes == 0 else { throw .malformed("end of a frame") }
    }
}

extension DirectFrame.Batch {
    /// Appends the entries as records of `topic`, and moves the position to the last one, which all of them must be behind.
    package func append(
        to records: inout [IncomingRecord], topic: String, advancing position: inout LogPosition
    ) throws(DirectProtocolError) {
        var rest = entries
        // Announced counts are not believed: memory is taken for what is there.
        records.reserveCapacity(records.count + min(count, rest.readableBytes / DirectProtocol.entryHead))
        for _ in 0..<count {
            guard
                let (seq, event, order, trace, causation, time, flags, length) = rest.readMultipleIntegers(
                    as: (Int64, UInt128, UInt128, UInt128, UInt128, Int64, UInt8, UInt32).self),
                let body = rest.readBytes(length: Int(length)), isNumber(seq), seq > position.seq, flags <= 3
            else { throw .malformed("entry") }
            records.append(
                IncomingRecord(
                    topic: topic, partition: 0, offset: seq, key: Array(OrderID(bits: order).description.utf8),
                    attributes: .read(
                        id: EventID(bits: event), time: Timestamp(microseconds: time),
                        causation: flags & 1 == 1 ? EventID(bits: causation) : nil,
                        trace: TraceContext(traceID: trace, isSampled: flags & 2 == 0)),
                    value: body))
            position.seq = seq
            position.eventID = EventID(bits: event)
        }
        guard rest.readableBytes == 0 else { throw .malformed("end of a batch") }
    }
}

private func eventID(_ bits: UInt128) -> EventID? {
    bits == 0 ? nil : EventID(bits: bits)
}

/// Numbers stay where adding a few of them up cannot overflow.
private func isNumber(_ seq: Int64) -> Bool {
    seq >= 0 && seq <= DirectProtocol.largestNumber
}

extension ByteBuffer {
    fileprivate mutating func beginFrame() -> Int {
        let start = writerIndex
        writeInteger(0 as UInt32)
        return start
    }

    fileprivate mutating func endFrame(at start: Int) {
        setInteger(UInt32(writerIndex - start - 4), at: start)
    }

    fileprivate mutating func writeText(_ text: String) {
        let bytes = text.utf8.prefix(Int(DirectProtocol.longestText))
        writeInteger(UInt8(bytes.count))
        writeBytes(bytes)
    }

    fileprivate mutating func readText() -> String? {
        readInteger(as: UInt8.self).flatMap { $0 <= DirectProtocol.longestText ? readString(length: Int($0)) : nil }
    }

    fileprivate mutating func readVersion() throws(DirectProtocolError) {
        guard let version = readInteger(as: UInt8.self) else { throw .malformed("frame") }
        guard version == DirectProtocol.version else { throw .unsupportedVersion(version) }
    }
}
