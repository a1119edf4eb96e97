import Console
import ArgumentParser
import SagaConfiguration

/// Finds a word that stands where the name of a command belongs, and is none: the parser itself knows only that it did not expect it.
enum CommandName {
    static func unknown(in arguments: [String]) -> Failure? {
        var path: [String] = []
        var command: any ParsableCommand.Type = Sagactl.self
        for word in words(arguments) {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty else { return nil }
            if let next = subcommands.first(where: { name($0) == word }) {
                command = next
                path.append(word)
                continue
            }
            if word == "help" { return nil }
            let known = subcommands.map(name)
            let called = (["sagactl"] + path).joined(separator: " ")
            let advice = Spelling.closest(to: word, among: known).map { "did you mean \(called) \($0)?" }
            return Failure(.usage, "there is no command \(called) \(word)", advice: advice ?? "there are \(known.joined(separator: ", "))")
        }
        return nil
    }

    /// The parser would show some other help.
    static func unknown(inHelp arguments: [String]) -> Failure? {
        let words = words(arguments)
        return words.first == "help" ? unknown(in: Array(words.dropFirst())) : nil
    }

    private static func name(_ command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }

    /// Without options and their values. What follows an option that is not known to stand alone counts as its value.
    private static func words(_ arguments: [String]) -> [String] {
        let flags = ["--json", "--help", "-h", "--all", "--yes", "--dry-run", "--csv", "--slowest", "--repair", "--version"]
        var isValue = false
        return arguments.prefix { $0 != "--" }.filter { word in
            if word.hasPrefix("-") {
                isValue = !flags.contains(word) && !word.contains("=")
                return false
            }
            defer { isValue = false }
            return !isValue
        }
    }
}
