/// Makes UUIDs of version 7 that never go back, even when the clock does (RFC 9562, section 6.2, method 2).
///
/// A value: who holds it decides about threads and randomness, so a simulation gets the same ids from the same seed.
package struct IDGenerator: Sendable {
    private var milliseconds: UInt64 = 0
    /// The 74 bits behind the time, as a counter; not private, because a test brings it to its end, which is 2^41 ids away.
    var tail: UInt128 = 0
    private var random: any RandomNumberGenerator & Sendable

    package init(random: any RandomNumberGenerator & Sendable = SystemRandomWords()) {
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
