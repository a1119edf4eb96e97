import Fuzz
import Testing

/// A short run of what `packaging/fuzz` does for long, without its knowledge of which mutation got further.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.all)
    func `every reader keeps its word on good inputs and on mutations of them`(_ target: FuzzTarget) {
        for seed in target.seeds { check(seed, target) }
        for seed in 1...2 as ClosedRange<UInt64> {
            var mutator = Mutator(seed: seed, words: target.words)
            for _ in 0..<1000 { check(mutator.mutation(of: target.seeds), target) }
        }
    }

    private func check(_ input: [UInt8], _ target: FuzzTarget) {
        do {
            try target.check(input)
        } catch {
            Issue.record("\(target): \(error)\n\(String(decoding: input, as: UTF8.self).debugDescription)")
        }
    }
}
