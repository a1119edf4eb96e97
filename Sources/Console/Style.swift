import Glibc
import SagaConfiguration

/// What the reader's terminal can show: colours (only on a terminal, never with NO_COLOR, see no-color.org) and characters beyond ASCII.
package struct Style: Sendable, Equatable {
    package var colours: Bool
    package var unicode: Bool

    package static let plain = Style(colours: false, unicode: true)

    package static func standardOutput(_ environment: [String: String]) -> Style {
        Style(environment, isTerminal: isatty(STDOUT_FILENO) == 1)
    }

    package init(colours: Bool, unicode: Bool) {
        self.colours = colours
        self.unicode = unicode
    }

    package init(_ environment: [String: String], isTerminal: Bool) {
        colours = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        // locale(7): the first of these that is set and not empty decides the character set.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let charset = locale.lowercased()
        unicode = charset.contains("utf-8") || charset.contains("utf8")
    }
}

extension Style {
    /// Select Graphic Rendition parameters, see console_codes(4).
    package enum Paint: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
        case cyan = "36"
    }

    package func paint(_ text: String, _ paints: Paint...) -> String { self.paint(text, paints) }

    package func paint(_ text: String, _ paints: [Paint]) -> String {
        guard colours, !paints.isEmpty, !text.isEmpty else { return text }
        return "\u{1B}[\(paints.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }
}

extension String {
    /// The text without anything a terminal would obey, or that would change how the rest of the line looks: controls, marks that
    /// reorder text, invisible ones are escaped as in Swift. For what came from outside.
    package var printable: String {
        guard !unicodeScalars.allSatisfy(\.isPrintable) else { return self }
        return unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where scalar.isPrintable: String(scalar)
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        }.joined()
    }

    /// The same for a JSON text, in JSON's own escapes (RFC 8259, section 7).
    package var jsonEscaped: String {
        guard !unicodeScalars.allSatisfy(\.isPrintable) else { return self }
        return unicodeScalars.map { scalar in
            guard !scalar.isPrintable else { return String(scalar) }
            return String(scalar).utf16.map { unit in
                let hex = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }.joined()
        }.joined()
    }

    package func padded(_ width: Int) -> String { count < width ? self + String(repeating: " ", count: width - count) : self }

    package func aligned(_ width: Int) -> String { count < width ? String(repeating: " ", count: width - count) + self : self }
}
