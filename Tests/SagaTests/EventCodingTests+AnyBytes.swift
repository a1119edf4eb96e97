import Saga
import SeededNumbers
import Testing

extension EventCodingTests {
    @Test("Whatever bytes come, they are read as an event or refused, and what is read is what is written", arguments: 1...8)
    func mutations(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet = Array(#"{}[]",:\u0019eE+-.tfn aK"#.utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        var read = 0
        for round in 0..<2_000 {
            var body = Array(Self.golden.randomElement(using: &random)!.1.utf8)
            if round.isMultiple(of: 10) { body = (0..<round % 64).map { _ in .random(in: 0...255, using: &random) } }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let at = Int.random(in: 0...body.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: body.insert(alphabet.randomElement(using: &random)!, at: at)
                case 1 where at < body.count: body[at] = alphabet.randomElement(using: &random)!
                case 2 where at < body.count: body.remove(at: at)
                case 3: body.removeSubrange(at..<min(body.count, at + 5))
                default: body.append(contentsOf: body.prefix(at))
                }
            }
            guard case .event(let event)? = try? DecodedBody(decoding: body) else { continue }
            read += 1
            #expect(try DecodedBody(decoding: event.encoded()) == .event(event))
        }
        #expect(read > 100)
    }
}
