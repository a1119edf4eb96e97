import Testing

@testable import SagaConfiguration

@Suite struct SpellingTests {
    @Test(arguments: [
        ("prot", "port"), ("hots", "host"), ("PORT", "port"), ("dead-line", "deadline"), ("deadlines", "deadline"),
        ("dedaline", "deadline"),
        ("dead", "deadline"),
    ])
    func `a near miss finds its word`(text: String, word: String) {
        #expect(Spelling.closest(to: text, among: ["host", "port", "deadline"]) == word)
    }

    @Test(arguments: ["", "timeout", "po", "portal", "deadbeef"])
    func `what is far from everything finds nothing`(text: String) {
        #expect(Spelling.closest(to: text, among: ["host", "port", "deadline"]) == nil)
    }
}
