import SeededNumbers

/// Everything that is left to chance, from one seed.
struct Dice: RandomNumberGenerator {
    private var numbers: SplitMix64

    /// - Parameter number: each has dice of its own, so that nothing depends on who threw first.
    init(seed: UInt64, number: Int) {
        var seeds = SplitMix64(seed: seed)
        var own = SplitMix64(seed: seeds.next() ^ UInt64(truncatingIfNeeded: number))
        numbers = SplitMix64(seed: own.next())
    }

    mutating func next() -> UInt64 {
        numbers.next()
    }

    mutating func chance(percent: Int) -> Bool {
        next() % 100 < UInt64(percent)
    }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &self))
    }
}
