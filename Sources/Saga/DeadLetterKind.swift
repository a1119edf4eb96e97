/// Why a record waits for an operator. Raw values are stored, and stand in JSON and in the labels of metrics: they stay as they are.
///
/// The order of the cases is the order in which people are shown them.
package enum DeadLetterKind: String, Codable, CaseIterable, Sendable {
    /// An event whose handling failed for a reason of its own. It holds up its order: what comes of the order later is `parked`.
    case handlerFailed = "handler-failed"
    /// A good event behind one of the same order whose handling failed; not yet tried.
    case parked
    /// No value, or not a JSON object.
    case unreadable
    /// JSON, but not such an event as the contract describes.
    case schema
    case missingID = "missing-id"
    case malformedID = "malformed-id"
    case tooLarge = "too-large"
}
