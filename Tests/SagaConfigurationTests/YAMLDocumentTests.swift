import SeededNumbers
import Testing

@testable import SagaConfiguration

@Suite struct YAMLDocumentTests {
    @Test(arguments: [
        ("order: &a {}", "f:1: order: anchors are not supported"),
        ("logLevel: info\norder: *a", "f:2: order: aliases are not supported; write the value out"),
        ("payment: {declinedUsers: [1, *a]}", "f:1: payment.declinedUsers.1: aliases are not supported; write the value out"),
        ("backlogLimit: !!int 5", "f:1: backlogLimit: tags are not supported"),
        ("stateDirectory: \"/a\\0b\"", "f:1: stateDirectory: contains a NUL character"),
        ("logLevel: info\n---\nlogLevel: debug", "f:2: a second YAML document; only one is allowed"),
        ("? [a]\n: 1", "f:1: a key must be a scalar"),
        ("order:\n\thttp: {}", "f:2: not valid YAML: a tab cannot indent YAML; use spaces"),
        ("logLevel: info\n order: {}", "f:2: not valid YAML: mapping values are not allowed in this context"),
        ("logLevel: \"info", "f:1: not valid YAML: found unexpected end of stream while scanning a quoted scalar"),
        (
            "order: {http:\n  {port: 1}\n",
            "f:3: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping that begins in line 1"
        ),
        ("logLevel: info\n}", "f:2: not valid YAML: did not find expected key while parsing a block mapping that begins in line 1"),
    ])
    func `what is not wanted of YAML is refused with its line`(yaml: String, problem: String) {
        #expect(problems(yaml) == [problem])
    }

    @Test func `refusals do not end the reading`() {
        #expect(problems("order: *a\nlogLevel: !x info\nbacklogLimit: 0").count == 3)
    }

    @Test func `bytes that are not UTF-8 are told with their line`() {
        #expect(
            problems(bytes: Array("logLevel: info\n# caf".utf8) + [0xE9, 0x0A]) == ["f:2: not valid YAML: incomplete UTF-8 octet sequence"])
        #expect(problems(bytes: [0xFF, 0xFE, 0x61, 0x00]) == ["f:1: not valid YAML: invalid leading UTF-8 octet"])
        #expect(problems("a: \u{1}") == ["f:1: not valid YAML: control characters are not allowed"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[{? "])
    func `deep nesting is refused before it costs anything`(opening: String) {
        let problems = problems(String(repeating: opening, count: 100_000))
        #expect(problems.count == 1)
        #expect(problems.first?.contains("nested deeper than 16 levels") == true, "\(problems)")
    }

    @Test func `a file full of mistakes is answered in time`() {
        let yaml = (0..<20_000).map { "key\($0): \($0)\n" }.joined()
        #expect(problems(yaml).count == 20_000)
        #expect(problems(String(repeating: "k", count: 1 << 20) + ": 1").count == 1)
    }

    @Test(arguments: [
        ("5", YAMLScalar.Kind.integer), ("-5", .integer), ("010", .integer), ("0x1f", .integer), ("0o17", .integer), ("1_000", .string),
        ("1.5", .float), (".5", .float), ("5.", .float), ("1e3", .float), ("-", .string), ("e", .string), (".", .string), ("", .null),
        ("~", .null), ("Null", .null), ("nULL", .string), ("TRUE", .boolean), ("yes", .string), ("7d", .string), ("0x", .string),
        ("nan", .string), ("0x1p3", .string), ("127.0.0.1", .string), ("٣", .string),
    ])
    func `plain scalars have the types of the core schema`(text: String, kind: YAMLScalar.Kind) {
        #expect(YAMLScalar(text, style: .plain).kind == kind)
        #expect(YAMLScalar(text, style: .quoted).kind == .string)
    }

    @Test func `a valid file, damaged in any way, is read or refused but never a crash`() throws {
        let original = Array(try DefaultFileTests.uncommented().utf8)
        let fragments = [
            "&a ", "*a", "!!x ", "{", "}", "[", "]", "\n", "\t", ": ", "- ", "? ", "\"", "'", "|\n", "---\n", "%YAML 9\n", "\u{85}", "9",
        ]
        var random = SplitMix64(seed: 2024)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: fragments.randomElement(using: &random)!.utf8, at: place)
                case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...200, using: &random)))
                default:
                    bytes.insert(
                        contentsOf: bytes[place..<min(bytes.count, place + 80)], at: Int.random(in: 0..<bytes.count, using: &random))
                }
                if bytes.isEmpty { bytes = original }
            }
            let problems = problems(bytes: bytes)
            if !problems.isEmpty { refused += 1 }
            #expect(problems.allSatisfy { !$0.contains("\n") && $0.hasPrefix("f:") })
        }
        // Neither everything nor nothing: the damage is of the interesting kind.
        #expect((400..<3900).contains(refused), "\(refused) refused")
    }
}
