import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct StyleTests {
    @Test(
        arguments: [
            ([:], true, true), ([:], false, false), (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true),
            (["TERM": "dumb"], true, false),
        ] as [([String: String], Bool, Bool)])
    func `colours are for terminals that want them`(environment: [String: String], isTerminal: Bool, colours: Bool) {
        #expect(Style(environment, isTerminal: isTerminal).colours == colours)
    }

    @Test(
        arguments: [
            (["LANG": "de_AT.UTF-8"], true), (["LANG": "C.utf8"], true), (["LANG": "C"], false), ([:], false),
            (["LC_ALL": "C", "LANG": "C.UTF-8"], false), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"], true),
        ] as [([String: String], Bool)])
    func `the locale decides on characters beyond ASCII`(environment: [String: String], unicode: Bool) {
        #expect(Style(environment, isTerminal: true).unicode == unicode)
    }

    @Test(arguments: [
        (0.04, "0.0 ms"), (9_999.9, "9999.9 ms"), (9_999.96, "10.0 s"), (59_949, "59.9 s"), (59_960, "1 m 00 s"), (3_600_000, "1 h 00 m"),
        (90_000_000, "1 d 1 h"),
    ])
    func `spans stay short`(milliseconds: Double, text: String) {
        #expect(Quantity.span(milliseconds: milliseconds) == text)
    }

    @Test(
        arguments: [
            ("plain – ü 漢", "plain – ü 漢", "plain – ü 漢"), ("\u{1B}[2J", #"\u{1b}[2J"#, #"\u001b[2J"#), ("a\nb\tc\rd", #"a\nb\tc\rd"#, nil),
            ("\u{9B}2J\u{7F}", #"\u{9b}2J\u{7f}"#, #"\u009b2J\u007f"#),
            // What reorders the rest of the line, what is not to be seen, what breaks lines for some.
            ("abc\u{202E}fdp.exe", #"abc\u{202e}fdp.exe"#, #"abc\u202efdp.exe"#),
            ("\u{2066}\u{200B}\u{FEFF}", #"\u{2066}\u{200b}\u{feff}"#, #"\u2066\u200b\ufeff"#),
            ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#, #"\u2028\u2029"#), ("\u{E0041}", #"\u{e0041}"#, #"\udb40\udc41"#),
        ] as [(String, String, String?)])
    func `what came from outside cannot move the cursor or reorder the line`(text: String, shown: String, json: String?) {
        #expect(text.printable == shown)
        if let json { #expect(text.jsonEscaped == json) }
    }
}
