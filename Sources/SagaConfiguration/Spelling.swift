/// Finds what somebody meant who wrote something close to it.
package enum Spelling {
    /// Nothing if no candidate is close: a wrong hint is worse than none.
    package static func closest(to text: String, among candidates: [String]) -> String? {
        let text = folded(text)
        // Also what keeps the quadratic work small, whatever is in the file.
        guard (1...80).contains(text.count) else { return nil }
        let ranked = candidates.map { (name: $0, distance: distance(text, folded($0))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        let tolerance = max(1, min(3, folded(best.name).count / 3))
        if best.distance <= tolerance { return best.name }
        let continued = candidates.filter { text.count >= 3 && folded($0).starts(with: text) }
        return continued.count == 1 ? continued[0] : nil
    }

    /// Without what people mix up most: case and separators.
    private static func folded(_ text: String) -> [Character] {
        text.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
            .prefix(81).map(\.self)
    }

    /// Edits between two words: insertion, removal, replacement and the swap of neighbours each count one (optimal string alignment).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var previous: [Int] = []
        var row = Array(0...b.count)
        for i in a.indices {
            var next = [i + 1]
            for j in b.indices {
                var cost = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, previous[j - 1] + 1)
                }
                next.append(cost)
            }
            (previous, row) = (row, next)
        }
        return row[b.count]
    }
}
