import ArgumentParser
import Glibc

/// The option of every command that destroys or changes much, and the rule: it asks, unless told not to; and where nobody can be asked it
/// is a usage error, and nothing is done.
package struct Confirmation: ParsableArguments {
    @Flag(help: "Do not ask.")
    package var yes = false

    package init() {}

    /// To be called before anything is done.
    package func require(_ deed: String) throws {
        guard yes || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("there is no terminal to ask on whether to \(deed): give --yes")
        }
    }

    /// Asks on standard error, so that standard output stays what was asked for.
    ///
    /// - Parameter refused: what is said where the answer is no.
    package func ask(_ question: String, refused: String) throws(Failure) {
        guard !yes else { return }
        Output.prompt("\(question) [y/N] ")
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else { throw Failure(.notSo, refused) }
    }
}
