package import AdminAPI
import Wire

/// Asking on while a daemon that has answered before is started again.
package enum Restart {
    /// Longer than a daemon takes to end and to open a large database.
    package static let longest: Duration = .seconds(120)

    /// - Parameter deadline: when waiting for the daemon ends with the error that it gave last.
    package static func outlasting<Value>(
        until deadline: ContinuousClock.Instant, _ question: () async throws(AdminError) -> Value
    ) async throws(AdminError) -> Value {
        var isFirst = true
        while true {
            do throws(AdminError) {
                return try await question()
            } catch {
                guard error.isPassing, .now < deadline, !Task.isCancelled else { throw error }
                if isFirst { Output.error("\(error.message); waiting for it to come back") }
                isFirst = false
                // Nothing else tells when a socket is there again.
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

extension AdminError {
    /// What is over once a daemon that was there before is there again.
    fileprivate var isPassing: Bool {
        switch self {
        case .unreachable, .connectionLost, .timedOut: true
        case .problem(let problem): problem.status == 503
        case .untrusted, .malformed: false
        }
    }
}
