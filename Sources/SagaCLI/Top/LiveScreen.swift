import Console
import Dispatch
import Glibc

/// The terminal while `sagactl top` has it: alternate screen, keys without echo. Gives it back as it was found when it ends, and
/// while the program is stopped.
///
/// `@unchecked Sendable`: the terminal's settings are changed and `isOpen` is used on `queue` alone. A crash in between leaves the
/// terminal changed; `reset`(1) repairs it.
final class LiveScreen: @unchecked Sendable {
    enum Event { case tick, redraw }

    /// When to draw: each second, when the window changes, and when the program goes on after Ctrl-Z. Ends on q, Ctrl-C, Ctrl-\,
    /// SIGTERM or SIGHUP, and with the input.
    let events: AsyncStream<Event>
    private let queue = DispatchQueue(label: "sagactl.top")
    private let continuation: AsyncStream<Event>.Continuation
    private var sources: [any DispatchSourceProtocol] = []
    private let original: termios
    private var isOpen = false

    init() {
        (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(1))
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        original = settings
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .seconds(1), leeway: .milliseconds(50))
        timer.setEventHandler { [continuation] in continuation.yield(.tick) }
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler { [continuation] in
            var key: UInt8 = 0
            // The end of the input is the end of the screen, too: nobody could quit it any more.
            if read(STDIN_FILENO, &key, 1) <= 0 || key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") { continuation.finish() }
        }
        let ends = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].map { number in
            signalSource(number) { [continuation] in continuation.finish() }
        }
        let changes = [
            signalSource(SIGWINCH) { [continuation] in continuation.yield(.redraw) },
            signalSource(SIGTSTP) { [weak self] in self?.suspend() },
            signalSource(SIGCONT) { [weak self] in self?.enter() },
        ]
        sources = [timer, keys] + ends + changes
        queue.sync { enter() }
        for source in sources { source.resume() }
    }

    /// Draws over the last frame; what does not fit is cut off. Nothing while the terminal is somebody else's.
    func draw(_ text: String) throws {
        let (rows, _) = Self.size
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(max(1, rows - 1))
        try queue.sync {
            guard isOpen else { return }
            // Autowrap off: a line too long for the window is cut by the terminal, which knows where colours begin and end.
            try Output.write("\u{1B}[?7l\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J\u{1B}[?7h")
        }
    }

    func close() {
        for source in sources { source.cancel() }
        continuation.finish()
        queue.sync { leave() }
    }

    private func enter() {
        dispatchPrecondition(condition: .onQueue(queue))
        var settings = original
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        if !isOpen { try? Output.write("\u{1B}[?1049h\u{1B}[?25l") }
        isOpen = true
        continuation.yield(.redraw)
    }

    private func leave() {
        dispatchPrecondition(condition: .onQueue(queue))
        guard isOpen else { return }
        isOpen = false
        try? Output.write("\u{1B}[?25h\u{1B}[?1049l")
        var settings = original
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// SIGCONT is what makes it go on. Not SIGTSTP again: that is ignored, so that it can be watched.
    private func suspend() {
        leave()
        kill(getpid(), SIGSTOP)
    }

    static var size: (rows: Int, columns: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0 else { return (24, 80) }
        return (Int(window.ws_row), window.ws_col > 0 ? Int(window.ws_col) : 80)
    }

    private func signalSource(_ number: CInt, _ act: @escaping @Sendable () -> Void) -> any DispatchSourceProtocol {
        // A dispatch source only watches: the signal's own effect has to be switched off.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { act() }
        return source
    }
}
