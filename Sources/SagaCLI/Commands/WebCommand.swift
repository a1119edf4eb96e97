import AdminAPI
import ArgumentParser
import Console
import WebConsole

/// `sagactl web`: goes on when daemons come and go.
struct WebCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "Show the suite on a page in a browser on this machine, live and read-only.",
        discussion: """
            Prints the page's address, with a token that is made anew each time and lets nobody else in, and serves it until Ctrl-C: the \
            choreography with the orders on their way, the newest orders, one order's timeline, the daemons, stock and dead letters.

            From another machine: ssh -t -L 8090:127.0.0.1:8090 HOST sagactl web
            """)

    @Option(help: .init("Where to listen: a loopback address and a port (0: any that is free).", valueName: "host:port"))
    var listen = "127.0.0.1:8090"

    @Flag(help: "Open the page in a browser, too.")
    var open = false

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let address = try WebAddress(listen)
        let suite = options.suite(timeout: .seconds(2))
        // Whoever may not ask would see an empty page, and not why.
        let denied = await suite.ask { client throws(AdminError) in try await client.status() }.compactMap(\.error).filter(\.isNotAllowed)
        guard denied.isEmpty else { throw Failure(unavailable: denied) }
        let server = try await WebServer(at: address, source: WebSource(suite))
        if output.json { try Output.json(["address": server.page]) } else { try Output.line(server.page) }
        let window = open ? show(server.page) : nil
        defer { window?.remove() }
        try await server.run()
    }

    private func show(_ page: String) -> BrowserWindow? {
        do throws(Failure) {
            return try BrowserWindow(showing: page)
        } catch {
            for line in error.lines { Output.error(line.text) }
            return nil
        }
    }
}
