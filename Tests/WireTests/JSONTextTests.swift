import SeededNumbers
import Foundation
import SagaTestSupport
import Testing
import Wire

@Suite struct JSONTextTests {
    @Test("Objects and arrays are written in order, with commas between and nowhere else")
    func structure() {
        var text = JSONText()
        text.object {
            $0.member("a", -1)
            $0.object("b") { _ in }
            $0.array("c") { _ in }
            $0.array("d") {
                $0.object { $0.member("x", Int64.max) }
                $0.object { $0.member("x", Int64.min) }
            }
            $0.object("e") { $0.member("id", Sample.id) }
            $0.member("f", "")
        }
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == #"{"a":-1,"b":{},"c":[],"d":[{"x":9223372036854775807},{"x":-9223372036854775808}],"#
                + #""e":{"id":"0198a1f0-5c00-7abc-8def-0123456789ab"},"f":""}"#)
    }

    @Test(
        "A string is escaped where it must be and nowhere else",
        arguments: [
            ("\"\\/", #""\"\\/""#), ("\0\u{1}\n\u{1F}", #""\u0000\u0001\u000a\u001f""#), ("\u{7F}ä€😀\u{2028}", "\"\u{7F}ä€😀\u{2028}\""),
        ])
    func escapes(value: String, written: String) {
        var text = JSONText()
        text.object { $0.member("s", value) }
        #expect(String(decoding: text.bytes, as: UTF8.self) == "{\"s\":\(written)}")
    }

    @Test("Any string survives writing and reading, by our reader and by another")
    func roundTrip() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let scalars = (0..<12).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: Bool.random(using: &random) ? 0...0x7F : 0...0x10FFFF, using: &random))
            }
            let value = String(String.UnicodeScalarView(scalars))
            var text = JSONText()
            text.object { $0.member("s", value) }
            let own = try JSONObject(parsing: text.bytes).string("s")
            #expect(Array(own.utf8) == Array(value.utf8))
            let other = try JSONDecoder().decode([String: String].self, from: Data(text.bytes))["s"]
            #expect(other.map { Array($0.utf8) } == Array(value.utf8))
        }
    }
}
