/// Why there is no answer.
package enum OutboundError: Error, CustomStringConvertible {
    case timeout(Duration)
    /// It could not be reached, or broke off.
    case failed(String)

    package var description: String {
        switch self {
        case .timeout(let limit): "there was no answer within \(limit)"
        case .failed(let reason): "there was no answer: \(reason)"
        }
    }
}
