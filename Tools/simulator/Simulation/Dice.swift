import SeededNumbers

/// Everything that is left to chance, from one seed.
struct Dice: RandomNumberGenerator, Sendable {
    private var numbers: SplitMix64

    init(seed: UInt64) {
        numbers = SplitMix64(seed: seed)
    }

    mutating func next() -> UInt64 {
        numbers.next()
    }

    mutating func pick(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    mutating func pick<Element>(of elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    mutating func chance(permille: Int) -> Bool {
        next() % 1000 < UInt64(permille)
    }

    /// Dice of their own for somebody else, so that what they throw does not change what is thrown here.
    mutating func split() -> Dice {
        Dice(seed: next())
    }
}
