/// A UUID (RFC 9562) that names one kind of thing, so that an order's id is never passed where an event's belongs.
///
/// Ids made here are version 7: they sort by the time they were made, which keeps every index over them growing at one end.
package struct ID<Entity>: Hashable, Comparable, Sendable {
    /// The sixteen bytes, the first one most significant.
    package let bits: UInt128

    @inlinable package init(bits: UInt128) {
        self.bits = bits
    }

    /// Reads the canonical form, in either case. Any version is accepted: peers choose their own ids.
    package init?(_ text: some StringProtocol) {
        guard let bits = UUIDText.parse(text.utf8) else { return nil }
        self.bits = bits
    }

    @inlinable package static func < (a: ID, b: ID) -> Bool {
        a.bits < b.bits
    }
}

extension ID: CustomStringConvertible {
    /// The canonical form in lower case.
    package var description: String {
        String(unsafeUninitializedCapacity: UUIDText.length) { UUIDText.write(bits, to: $0) }
    }
}

package enum OrderEntity {}
package enum EventEntity {}
package enum PaymentEntity {}
package enum DeadLetterEntity {}

package typealias OrderID = ID<OrderEntity>
package typealias EventID = ID<EventEntity>
package typealias PaymentID = ID<PaymentEntity>
package typealias DeadLetterID = ID<DeadLetterEntity>

/// The canonical text of a UUID: `8-4-4-4-12` hexadecimal digits (RFC 9562, section 4).
package enum UUIDText {
    package static let length = 36

    static func write(_ bits: UInt128, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var position = 0
        for i in 0..<32 {
            if i == 8 || i == 12 || i == 16 || i == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            buffer[position] = digit(i, of: bits)
            position += 1
        }
        return length
    }

    /// One of the 32 hexadecimal digits, the first one most significant.
    static func digit(_ index: Int, of bits: UInt128) -> UInt8 {
        // By halves: shifting all of it takes several times as long.
        let half = UInt64(truncatingIfNeeded: index < 16 ? bits >> 64 : bits)
        let digit = UInt8(truncatingIfNeeded: half &>> UInt64(60 - 4 * (index & 15))) & 0xF
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    static func parse(_ text: some Collection<UInt8>) -> UInt128? {
        // In one piece, as nearly all texts are, it is read much faster than byte by byte out of a string.
        text.withContiguousStorageIfAvailable { parse($0) } ?? parse(Array(text))
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> UInt128? {
        guard text.count == length else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for i in 0..<length {
            if i == 8 || i == 13 || i == 18 || i == 23 {
                guard text[i] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexDigit(text[i]) else { return nil }
            if i < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
        }
        return UInt128(high) << 64 | UInt128(low)
    }

    package static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Makes UUIDs of version 7 that never go back, even when the clock does (RFC 9562, section 6.2, method 2).
///
/// A value: who holds it decides about threads and randomness, so a simulation gets the same ids from the same seed.
package struct IDGenerator: Sendable {
    private var milliseconds: UInt64 = 0
    /// The 74 bits behind the time, as a counter; not private, because a test brings it to its end, which is 2^41 ids away.
    var tail: UInt128 = 0
    private var random: any RandomNumberGenerator & Sendable

    package init(random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.random = random
    }

    package mutating func next<Entity>(at now: Timestamp) -> ID<Entity> {
        let present = UInt64(max(0, now.milliseconds))
        if present > milliseconds {
            milliseconds = present
            tail = UInt128(random.next()) << 9 | UInt128(random.next() & 0x1FF)
        } else {
            tail += UInt128(random.next() & 0xFFFF_FFFF) + 1
            if tail >= 1 << 74 {
                milliseconds += 1
                tail = UInt128(random.next())
            }
        }
        let high = UInt128(milliseconds) << 80 | 0x7 << 76 | (tail >> 62) << 64
        return ID(bits: high | 0b10 << 62 | tail & ((1 << 62) - 1))
    }
}
