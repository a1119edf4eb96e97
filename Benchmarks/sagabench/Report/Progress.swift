import Glibc

/// A line that says how far a run is, on standard error: each second on a terminal, where it overwrites itself, otherwise every ten
/// seconds.
struct Progress {
    private let name: String
    private static let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ name: String) {
        self.name = name
    }

    func show(_ sample: Second, of seconds: Int) {
        let second = Int(sample.second)
        guard Progress.isTerminal || second % 10 == 0 || second == seconds else { return }
        let line =
            "\(name) \(second)/\(seconds) s: \(sample.accepted)/s accepted, \(sample.finished)/s final, \(sample.refused)/s refused, "
            + "backlog \(sample.backlog), outbox \(sample.outbox), \(Int(sample.residentMiB)) MiB"
        Progress.write(Progress.isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }

    func end() {
        if Progress.isTerminal { Progress.write("\r\u{1B}[K") }
    }

    static func say(_ line: String) {
        write(line + "\n")
    }

    private static func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
