/// The levels of swift-log by their own names, so that the configuration does not depend on a logging library.
package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}
