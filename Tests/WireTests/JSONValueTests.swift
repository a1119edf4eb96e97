import Testing
import Wire

@Suite struct JSONValueTests {
    private enum Answer: String { case declined = "DECLINED" }
    private enum Color: String { case red = "RED" }

    @Test(
        "A JSON text has this value",
        arguments: [
            ("null", JSONValue.null), ("true", .bool(true)), (" false\n", .bool(false)),
            ("0", .integer(0)), ("-0", .integer(0)), ("10", .integer(10)), ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number), ("-9223372036854775809", .number), ("100000000000000000000000000000000000000", .number),
            ("1.0", .number), ("1e3", .number), ("1E+3", .number), ("-0.5e-7", .number), ("0e0", .number),
            (#""""#, .string("")), (#""a b""#, .string("a b")), ("\"ä€😀\"", .string("ä€😀")),
            ("\"\u{7F}\u{2028}\"", .string("\u{7F}\u{2028}")),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
            (#""\u0000\u00e4\u20AC\ud83d\uDE00x""#, .string("\0ä€😀x")), (#""\udbff\udfff""#, .string("\u{10FFFF}")),
            ("[]", .array([])), ("[ 1 , [ ] , \"\" ]", .array([.integer(1), .array([]), .string("")])),
        ])
    func values(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text.utf8) == value)
        // The same from bytes that do not lie in one piece.
        #expect(try JSONValue(parsing: text.utf8.lazy.map { $0 }) == value)
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "nulL", "True", "truefalse", "undefined", "NaN", "Infinity", "-", "+1", "--1", "01", "-01", "00",
            "1.", ".1", "1.e1", "1e", "1e+", "1ee1", "1.2.3", "0x10", "1_000", "1 2", "\"", "\"a", "\"\\\"", "\"\\x\"",
            "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"", "'a'", "\"\n\"", "\"\u{1F}\"", "\"\\n\u{0}\"", "\"\\ud800\"",
            "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\ud800\\ud800\"", "\"\\ud800\\n\"", "[", "]", "[1", "[1,",
            "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}",
            "{1:1}", "{\"a\" 1}", "{\"a\":1]", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "null//",
            "\u{FEFF}1", "\u{A0}1",
        ])
    func refusals(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test("Nesting ends at 32 levels and an object at 64 members")
    func bounds() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        func wide(_ count: Int) -> String { "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}" }
        _ = try JSONValue(parsing: nested(32).utf8)
        _ = try JSONValue(parsing: "[\(nested(31)),\(nested(31))]".utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(33).utf8) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[{\"\":", count: 30_000).utf8) }
        #expect(try JSONObject(parsing: wide(64).utf8).members.count == 64)
        #expect(throws: JSONError.self) { try JSONObject(parsing: wide(65).utf8) }
    }

    @Test("An object gives its members by name and says which one is wrong")
    func members() throws {
        let object = try JSONObject(
            parsing: #"{"n":5,"big":9007199254740992,"s":"DECLINED","o":{"n":null},"id":"\#(Sample.id)"}"#.utf8)
        #expect(object.members.map(\.name) == ["n", "big", "s", "o", "id"])
        #expect(try object.integer("n", in: 0...5) == 5)
        #expect(try object.positiveInteger("n") == 5)
        #expect(try object.string("s") == "DECLINED")
        #expect(try object.value("s", of: Answer.self) == .declined)
        #expect(try object.object("o")["n"] == .null)
        #expect(try object.id("id") == Sample.id)
        #expect(object["x"] == nil)
        try object.requireOnly("id", "o", "s", "big", "n")

        #expect(throws: JSONError("n must be an integer from 6 to 7")) { try object.integer("n", in: 6...7) }
        #expect(throws: JSONError("big must be an integer from 1 to 9007199254740991")) { try object.positiveInteger("big") }
        #expect(throws: JSONError("s must be an integer from 1 to 9007199254740991")) { try object.positiveInteger("s") }
        #expect(throws: JSONError("x is missing")) { try object.string("x") }
        #expect(throws: JSONError("n must be a string")) { try object.string("n") }
        #expect(throws: JSONError("s is none of the known values")) { try object.value("s", of: Color.self) }
        #expect(throws: JSONError("s must be an object")) { try object.object("s") }
        #expect(throws: JSONError("s must be a UUID")) { try object.id("s") as ThingID }
        #expect(throws: JSONError("\"big\" is not a known member")) { try object.requireOnly("n", "s", "o", "id") }
        #expect(throws: JSONError("\"n\" is not a known member"), "one may be missing, and another is not it") {
            try object.requireOnly("id", "o", "s", "big", "x")
        }
        try object.requireOnly("id", "o", "s", "big", "n", "x")
        #expect(throws: JSONError("not a JSON object")) { try JSONObject(parsing: "[]".utf8) }
    }

    @Test("A foreign name is shortened and harmless in a message")
    func foreignNames() throws {
        let object = try JSONObject(parsing: #"{"\u001b[31m\u007f\#(String(repeating: "x", count: 100))":1}"#.utf8)
        #expect(throws: JSONError("\"?[31m?\(String(repeating: "x", count: 34))…\" is not a known member")) { try object.requireOnly() }
    }
}
