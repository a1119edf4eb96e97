import ArgumentParser
import Glibc
import Wire

/// `sagactl top`: goes on when daemons come and go.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch the suite live: the daemons, orders per second, the newest orders.",
        discussion: "Drawn anew each second; q or Ctrl-C ends it. Without a terminal one frame is printed.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup(visibility: .hidden) var output: OutputOptions

    func validate() throws {
        guard !output.json else { throw ValidationError("top draws a screen, and no JSON: use sagactl status --json") }
    }

    func run() async throws {
        var monitor = TopMonitor(suite: try options.suite(timeout: .seconds(2)))
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            try Output.write(await monitor.frame(orders: 10).render(.current))
            return
        }
        let screen = LiveScreen()
        defer { screen.close() }
        for await _ in screen.events {
            try screen.draw(await monitor.frame(orders: LiveScreen.size.rows).render(.current))
        }
    }
}
