import Console
import enum Saga.DeadLetterKind
import AdminAPI
import FoundationEssentials
import SagaConfiguration

/// Dead letters for people: a table of all, and one in full with its raw record.
enum DeadLetterView {
    static func table(_ letters: [DeadLetter], _ style: Style) -> String {
        guard !letters.isEmpty else { return "no dead letters\n" }
        let groups = Dictionary(grouping: letters, by: \.kind)
        return DeadLetterKind.allCases.compactMap { kind in groups[kind].map { group(kind, $0, style) } }.joined(separator: "\n")
    }

    /// What they are, how many, and what to do about them.
    private static func group(_ kind: DeadLetterKind, _ letters: [DeadLetter], _ style: Style) -> String {
        var table = TextTable(
            ("ID", .left), ("SERVICE", .left), ("RECORD", .left), ("ORDER", .left), ("ATTEMPTS", .right), ("CREATED", .left),
            (kind == .parked ? "BEHIND" : "REASON", .left))
        for letter in letters {
            table.add(
                .init(letter.id), .init(letter.service.rawValue), .init(position(letter)), .init(letter.orderId ?? ""),
                .init(String(letter.attempts)), .init(Quantity.time(letter.createdAt)), .init(letter.parkedBehind ?? letter.reason))
        }
        return style.paint("\(kind.rawValue): \(letters.count)", .bold) + ", \(advice(kind))\n" + table.render(style)
    }

    private static func advice(_ kind: DeadLetterKind) -> String {
        switch kind {
        case .handlerFailed: "each holds up its order: remove the cause, then sagactl dead-letters retry ID"
        case .parked: "handled in order when the one they are behind is retried or discarded"
        case .unreadable, .schema, .missingID, .malformedID, .tooLarge:
            "not written by these daemons, or damaged: sagactl dead-letters show ID, then discard ID"
        }
    }

    static func details(_ letter: DeadLetter, _ style: Style) -> String {
        var details = Details()
        details.add("id", letter.id, .bold)
        details.add("service", letter.service.rawValue)
        details.add("kind", letter.kind.rawValue)
        details.add("behind", letter.parkedBehind)
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
        guard let data = Data(base64Encoded: letter.valueBase64 ?? "") else { return "the record is not valid base64\n" }
        let bytes = Array(data)
        let title = style.paint("\(bytes.count) bytes", .dim) + "\n"
        return title + (text(bytes) ?? HexDump.render(bytes))
    }

    /// The record as it is, if a terminal can show all of it.
    private static func text(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || $0.isPrintable })
        else { return nil }
        return text.hasSuffix("\n") ? text : text + "\n"
    }
}
