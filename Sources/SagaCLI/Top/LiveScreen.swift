import Dispatch
import Glibc

/// The terminal while `sagactl top` has it: alternate screen, keys without echo. Gives it back as it was found in `close()`.
///
/// Owned by the one task that draws. A crash in between leaves the terminal changed; `reset`(1) repairs it.
final class LiveScreen {
    enum Event { case tick, resize, quit }

    /// When to draw, and when to stop: each second, when the window changes, and on q, Ctrl-C, SIGTERM or SIGHUP.
    let events: AsyncStream<Event>
    private let sources: [any DispatchSourceProtocol]
    private let continuation: AsyncStream<Event>.Continuation
    private var original = termios()

    init() {
        (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(4))
        let queue = DispatchQueue(label: "sagactl.top")
        let continuation = continuation
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .seconds(1), leeway: .milliseconds(50))
        timer.setEventHandler { continuation.yield(.tick) }
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler {
            var key: UInt8 = 0
            // The end of the input is the end of the screen, too: nobody could quit it any more.
            if read(STDIN_FILENO, &key, 1) <= 0 || key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") { continuation.finish() }
        }
        let ends = [SIGINT, SIGTERM, SIGHUP].map { Self.signalSource($0, queue) { continuation.finish() } }
        let resize = Self.signalSource(SIGWINCH, queue) { continuation.yield(.resize) }
        sources = [timer, keys, resize] + ends

        tcgetattr(STDIN_FILENO, &original)
        var settings = original
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // Suspended, the program could not give the alternate screen back.
        withUnsafeMutableBytes(of: &settings.c_cc) { $0[Int(VSUSP)] = 0 }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        try? Output.write("\u{1B}[?1049h\u{1B}[?25l")
        for source in sources { source.resume() }
    }

    /// Draws over the last frame; what does not fit is cut off.
    func draw(_ text: String) throws(Failure) {
        let (rows, _) = Self.size
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(max(1, rows - 1))
        // Autowrap off: a line too long for the window is cut by the terminal, which knows where colours begin and end.
        try Output.write("\u{1B}[?7l\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J\u{1B}[?7h")
    }

    func close() {
        for source in sources { source.cancel() }
        continuation.finish()
        try? Output.write("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(STDIN_FILENO, TCSANOW, &original)
    }

    static var size: (rows: Int, columns: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0 else { return (24, 80) }
        return (Int(window.ws_row), Int(window.ws_col))
    }

    private static func signalSource(
        _ number: CInt, _ queue: DispatchQueue, _ act: @escaping @Sendable () -> Void
    ) -> any DispatchSourceProtocol {
        // A dispatch source only watches: the signal's own effect has to be switched off.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { act() }
        return source
    }
}
