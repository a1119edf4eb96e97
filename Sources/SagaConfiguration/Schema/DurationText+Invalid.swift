import Wire

extension DurationText {
    /// Reads a duration of the configuration; what is wrong with it is said with the text.
    static func value(of text: String) throws(Invalid) -> Duration {
        do {
            return try read(text)
        } catch {
            throw Invalid("\(error == .missingUnit ? text.shownPlain : text.shown) \(error.explanation(of: text))")
        }
    }
}

extension DurationText.Refusal {
    fileprivate func explanation(of text: String) -> String {
        switch self {
        case .malformed: "is not a duration: a positive number with ms, s, m, h or d, such as 60s or 1.5h"
        case .missingUnit: "has no unit (ms, s, m, h or d), such as \(text.shownPlain)s"
        case .tooManyDecimals: "has more than \(DurationText.maximumDecimals) decimals"
        case .tooLong: "is too long (at most \(DurationText.maximumDays)d)"
        case .notPositive: "is not positive"
        }
    }
}
