import Testing
import Wire

@Suite struct SystemRandomWordsTests {
    @Test("No word comes twice, whoever asks and however many at a time")
    func distinct() async {
        let words = SystemRandomWords()
        let all = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5_000).map { _ in words.next() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 40_000)
    }

    @Test("Copies of a generator of ids share their randomness: none makes what another made")
    func copies() {
        var first = IDGenerator()
        var second = first
        let ids: [ID<Never>] = (0..<1_000).flatMap { _ in
            [first.next(at: Timestamp(milliseconds: 5)), second.next(at: Timestamp(milliseconds: 5))]
        }
        #expect(Set(ids).count == 2_000)
    }
}
