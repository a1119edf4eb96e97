/// A statement as PostgreSQL wants it, made of one as SQLite has it, so that one text serves both.
///
/// `?` and `?1` become `$1`, and `INDEXED BY name`, which PostgreSQL has no word for, is left out. What is in quotes or comments stays
/// (PostgreSQL's manual, "Lexical Structure"; sqlite.org/lang_expr.html, "Parameters").
struct StatementText {
    let sql: String
    let effect: TransactionEffect

    init(_ text: StaticString) {
        var scanner = StatementScanner(text.withUTF8Buffer(Array.init))
        let output = scanner.translated()
        sql = String(decoding: output, as: UTF8.self)
        effect = TransactionEffect(sql)
    }
}

/// What a statement does to the transaction.
enum TransactionEffect {
    case begins, commits, rollsBack
    /// Nothing, and it changes nothing else either.
    case reads
    /// Outside a transaction it is one by itself.
    case changes

    init(_ sql: String) {
        let words = sql.split(whereSeparator: { $0.isWhitespace || $0 == ";" }).prefix(2).map { $0.uppercased() }
        self =
            switch words.first {
            case "BEGIN", "START": .begins
            case "COMMIT", "END": .commits
            case "ROLLBACK", "ABORT": words.last == "TO" ? .reads : .rollsBack
            case "SELECT", "SHOW", "SET", "SAVEPOINT", "RELEASE": .reads
            default: .changes
            }
    }
}

/// Goes through a statement's text once.
struct StatementScanner {
    private let text: [UInt8]
    private var place = 0
    private var output: [UInt8] = []
    /// The largest parameter so far.
    private var parameters = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    mutating func translated() -> [UInt8] {
        output.reserveCapacity(text.count + 16)
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): copy(through: [text[place]], after: 1)
            case UInt8(ascii: "-") where follows("--"): copy(through: [UInt8(ascii: "\n")], after: 2)
            case UInt8(ascii: "/") where follows("/*"): copy(through: Array("*/".utf8), after: 2)
            case UInt8(ascii: "?"): parameter()
            case UInt8(ascii: "I") where isWordStart && follows("INDEXED BY "): leaveOutIndex()
            default: copy(1)
            }
        }
        return output
    }

    private func follows(_ word: String) -> Bool { text[place...].starts(with: word.utf8) }

    private var isWordStart: Bool { place == 0 || !text[place - 1].isWord }

    private mutating func copy(_ count: Int) {
        output += text[place..<min(place + count, text.count)]
        place += count
    }

    /// A doubled quote ends one quotation and begins another, which comes to the same.
    private mutating func copy(through end: [UInt8], after start: Int) {
        copy(start)
        while place < text.count {
            if text[place...].starts(with: end) { return copy(end.count) }
            copy(1)
        }
    }

    private mutating func parameter() {
        place += 1
        let digits = text[place...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        place += digits.count
        // Without a number it is one more than the largest before.
        let number = Int(String(decoding: digits, as: UTF8.self)) ?? parameters + 1
        parameters = max(parameters, number)
        output += Array("$\(number)".utf8)
    }

    private mutating func leaveOutIndex() {
        place += "INDEXED BY ".utf8.count
        place += text[place...].prefix { $0.isWord }.count
    }
}

extension UInt8 {
    fileprivate var isWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
