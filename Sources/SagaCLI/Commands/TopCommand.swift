import Console
import ArgumentParser
import Glibc
import Wire

/// `sagactl top`: goes on when daemons come and go.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch the suite live: the daemons, orders per second, the newest orders.",
        discussion: "Drawn anew each second; q or Ctrl-C ends it, Ctrl-Z lays it aside. Without a terminal one frame is printed.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup(visibility: .hidden) var output: OutputOptions

    func validate() throws {
        guard !output.json else { throw ValidationError("top draws a screen, and no JSON: use sagactl status --json") }
    }

    func run() async throws {
        var monitor = TopMonitor(suite: options.suite(timeout: .seconds(2)))
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            try Output.write(try await monitor.frame(orders: 10).render(.current))
            return
        }
        let screen = LiveScreen()
        defer { screen.close() }
        try await watch(screen, monitor)
    }

    /// Asks in a task of its own: a key or a signal ends it, whatever a daemon is at.
    private func watch(_ screen: LiveScreen, _ monitor: TopMonitor) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var monitor = monitor
                for await _ in wakes {
                    let frame = try await monitor.frame(orders: LiveScreen.size.rows)
                    if !Task.isCancelled { try screen.draw(frame.render(.current, width: LiveScreen.size.columns)) }
                }
            }
            group.addTask {
                for await _ in screen.events { wake.yield() }
            }
            // Whichever ends first: the screen on a key, or the asking with what went wrong.
            try await group.next()
            group.cancelAll()
        }
    }
}
