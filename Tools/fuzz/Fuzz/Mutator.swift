import SeededNumbers

/// Changes inputs at random, the same way for the same seed: bytes flipped, cut, spliced and repeated, words of the format put in,
/// numbers at the ends of their ranges, nesting without end, bytes that are not UTF-8.
package struct Mutator: Sendable {
    private var numbers: SplitMix64
    private let words: [[UInt8]]

    private static let hostile: [[UInt8]] =
        [
            "0", "-1", "255", "256", "65535", "65536", "2147483648", "9007199254740991", "9007199254740992", "9223372036854775807",
            "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e400", "1e-400", "0.1", "\u{0}", "\r\n", "\n\n",
            "\u{FEFF}",
            "e\u{301}", "\u{212A}", "\u{2028}", "\u{202E}", "%00", "%", "../", "\\ud800",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

    package init(seed: UInt64, words: [String]) {
        numbers = SplitMix64(seed: seed)
        self.words = words.map { Array($0.utf8) }
    }

    /// One of the inputs with up to eight changes; now and then noise.
    package mutating func mutation(of inputs: [[UInt8]]) -> [UInt8] {
        if Int.random(in: 0..<50, using: &self) == 0 {
            return (0..<Int.random(in: 0...100, using: &self)).map { _ in .random(in: 0...255, using: &self) }
        }
        var bytes = inputs.randomElement(using: &self) ?? []
        for _ in 0..<Int.random(in: 1...8, using: &self) { change(&bytes, inputs) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ inputs: [[UInt8]]) {
        let at = Int.random(in: 0...bytes.count, using: &self)
        let end = Int.random(in: at...min(bytes.count, at + 16), using: &self)
        switch Int.random(in: 0..<10, using: &self) {
        case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 1 where at < bytes.count: bytes[at] = .random(in: 0...255, using: &self)
        case 2: bytes.removeSubrange(at..<end)
        case 3: bytes.removeSubrange(at...)
        case 4: bytes.replaceSubrange(at..<end, with: Mutator.hostile.randomElement(using: &self)!)
        case 5, 6: bytes.replaceSubrange(at..<end, with: words.randomElement(using: &self) ?? [])
        case 7:
            let other = inputs.randomElement(using: &self) ?? []
            bytes.replaceSubrange(at..., with: other.suffix(Int.random(in: 0...other.count, using: &self)))
        case 8: bytes.insert(contentsOf: bytes[at..<end], at: at)
        case 9:
            let piece = words.randomElement(using: &self) ?? [0x5B]
            let count = [2, 20, 70, 300].randomElement(using: &self)!
            bytes.insert(contentsOf: Array(repeating: piece, count: count).joined(), at: at)
        default: break
        }
    }
}

extension Mutator: RandomNumberGenerator {
    package mutating func next() -> UInt64 { numbers.next() }
}
