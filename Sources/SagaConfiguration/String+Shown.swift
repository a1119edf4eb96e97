extension String {
    /// As it may stand in a message: in quotes, on one line, not too long.
    package var shown: String { "\"\(shownPlain)\"" }

    /// The same without quotes, for what is a number or a name anyway.
    package var shownPlain: String {
        let limit = 60
        let head = unicodeScalars.prefix(limit).map { scalar -> String in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            default: scalar.isPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return head.joined() + (unicodeScalars.count > limit ? "…" : "")
    }
}

extension Unicode.Scalar {
    /// Whether it shows itself and nothing else: no controls, no reordering of the line (Unicode categories C, Zl, Zp).
    package var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
