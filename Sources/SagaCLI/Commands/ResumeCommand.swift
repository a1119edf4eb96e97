import AdminAPI
import Console
import ArgumentParser

/// `sagactl resume`: ends what `sagactl pause` began.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let what was paused go on: new orders, or the handling of events.",
        discussion: "What waited is worked off in the order in which it came.")

    @OptionGroup var subject: PauseOptions
    @OptionGroup var options: SuiteOptions

    func run() async throws {
        let what = subject.what
        try await subject.ask(options.suite()) { client throws(AdminError) in try await client.resume(what) }
    }
}
