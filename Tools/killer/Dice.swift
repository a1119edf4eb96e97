/// Everything that is left to chance, from one seed (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter number: each has dice of its own, so that nothing depends on who threw first.
    init(seed: UInt64, number: Int) {
        state = seed
        state = next() ^ UInt64(truncatingIfNeeded: number)
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func chance(percent: Int) -> Bool {
        next() % 100 < UInt64(percent)
    }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &self))
    }
}
