import enum Saga.ServiceName
import AdminAPI
import FoundationEssentials

/// Dead letters for people: a table of all, and one in full with its raw record.
enum DeadLetterView {
    static func table(_ letters: [DeadLetter], _ style: Style) -> String {
        guard !letters.isEmpty else { return "no dead letters\n" }
        var table = TextTable(
            ("ID", .left), ("SERVICE", .left), ("RECORD", .left), ("ATTEMPTS", .right), ("CREATED", .left), ("REASON", .left))
        for letter in letters {
            table.add(
                .init(letter.id), .init(letter.service.rawValue), .init(position(letter)), .init(String(letter.attempts)),
                .init(Quantity.time(letter.createdAt)), .init(letter.reason))
        }
        return table.render(style)
    }

    static func details(_ letter: DeadLetter, _ style: Style) -> String {
        var details = Details()
        details.add("id", letter.id, .bold)
        details.add("service", letter.service.rawValue)
        details.add("reason", letter.reason, .red)
        details.add("attempts", String(letter.attempts))
        details.add("created", letter.createdAt)
        details.add("record", position(letter))
        details.add("key", letter.key)
        details.add("order", letter.orderId)
        for (name, value) in letter.headers.sorted(by: { $0.key < $1.key }) { details.add("header", "\(name): \(value)") }
        return details.render(style) + "\n" + record(letter, style)
    }

    private static func position(_ letter: DeadLetter) -> String { "\(letter.topic)/\(letter.partition)@\(letter.offset)" }

    private static func record(_ letter: DeadLetter, _ style: Style) -> String {
        guard let data = Data(base64Encoded: letter.valueBase64) else { return "the record is not valid base64\n" }
        let bytes = Array(data)
        let title = style.paint("\(bytes.count) bytes", .dim) + "\n"
        return title + (text(bytes) ?? HexDump.render(bytes))
    }

    /// The record as it is, if a terminal can show all of it.
    private static func text(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control })
        else { return nil }
        return text.hasSuffix("\n") ? text : text + "\n"
    }
}
