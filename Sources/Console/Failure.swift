package import AdminAPI

/// The exit codes of `sagactl`; those above 2 are from sysexits.h(3head).
package enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The thing asked for is not so: unknown, refused, off.
    case notSo = 1
    /// Only `status`: a daemon is down.
    case down = 2
    case usage = 64
    case unavailable = 69
    case outputFailed = 74
    case noPermission = 77
    /// A runtime directory, or a daemon in it, that is not to be trusted.
    case untrusted = 78

    /// A daemon that refuses was reached; any other error means that it gave no usable answer. An internal error is none.
    package init(_ error: AdminError) {
        switch error.problemStatus {
        case nil: self = error.isPermissionDenied ? .noPermission : error.isUntrusted ? .untrusted : .unavailable
        case let status?: self = status >= 500 && status != 503 ? .unavailable : .notSo
        }
    }
}

/// Ends the command: its lines go to standard error, and with `--json` as one document to standard output, too.
package struct Failure: Error, Equatable {
    package struct Line: Equatable {
        package let message: String
        /// What to do about it.
        package var advice: String?

        package init(message: String, advice: String? = nil) {
            self.message = message
            self.advice = advice
        }

        package var text: String { advice.map { "\(message): \($0)" } ?? message }
    }

    package let status: ExitStatus
    package private(set) var lines: [Line]

    package init(_ status: ExitStatus, _ lines: [Line]) {
        self.status = status
        // Three daemons may have one and the same trouble.
        self.lines = lines.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    package init(_ status: ExitStatus, _ message: String, advice: String? = nil) {
        self.init(status, [Line(message: message, advice: advice)])
    }

    package init(_ error: AdminError) { self.init(ExitStatus(error), [Line(error)]) }

    /// Daemons that were needed and gave no answer.
    package init(unavailable errors: [AdminError]) {
        self.init(errors.first(where: \.isNotAllowed).map { ExitStatus($0) } ?? .unavailable, errors.map(Line.init))
    }

    /// What several daemons answered with; the exit code is that of the worst.
    package init(errors: [AdminError]) {
        let worst = errors.first(where: \.isNotAllowed) ?? errors.first { !$0.isProblem } ?? errors.first
        self.init(worst.map { ExitStatus($0) } ?? .notSo, errors.map(Line.init))
    }

    package func adding(_ message: String) -> Failure { Failure(status, lines + [Line(message: message)]) }
}

extension Failure.Line {
    package init(_ error: AdminError) { self.init(message: error.message, advice: error.advice) }
}

/// `{"error":{"code":69,"message":"…","advice":"…"}}`: what a program that reads standard output gets in place of what it asked for.
package struct FailureDocument: Encodable {
    package struct Body: Encodable {
        package let code: Int32
        package let message: String
        package let advice: String?
    }

    package let error: Body

    package init(_ failure: Failure) {
        let advice = failure.lines.compactMap(\.advice).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        error = Body(
            code: failure.status.rawValue, message: failure.lines.map(\.message).joined(separator: "; "),
            advice: advice.isEmpty ? nil : advice.joined(separator: "; "))
    }
}
