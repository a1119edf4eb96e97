import Foundation
import Synchronization

/// One line that tells how far it is: over and over again on a terminal, now and then in a file.
final class Progress: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let next = Mutex(ContinuousClock.now)

    func show(_ line: String) {
        let isDue = next.withLock { next in
            guard isTerminal || next <= .now else { return false }
            next = .now + .seconds(10)
            return true
        }
        if isDue { FileHandle.standardError.write(Data((isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n").utf8)) }
    }

    func end() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
