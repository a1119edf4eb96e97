/// Everything that is left to chance, from one seed (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
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
