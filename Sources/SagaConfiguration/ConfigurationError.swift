/// Everything that is wrong with a configuration, found in one go, so that an operator corrects it in one go.
///
/// Problems come in the order of the file's lines, then by environment variable. Texts from outside are shown escaped and shortened,
/// so each problem is one line; values of librdkafka properties, which may be secret, are never shown.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let problems: [Problem]

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    package struct Problem: Sendable, Equatable, CustomStringConvertible {
        package let origin: Origin
        /// The dotted key path, empty where the problem is that of the whole file or variable.
        package let path: String
        /// What is wrong and what would be right.
        package let message: String

        package var description: String {
            path.isEmpty ? "\(origin): \(message)" : "\(origin): \(path): \(message)"
        }
    }

    /// Where a value was given.
    package enum Origin: Sendable, Equatable, CustomStringConvertible {
        case file(String, line: Int?)
        case environment(variable: String)

        package var description: String {
            switch self {
            case .file(let name, .none): name
            case .file(let name, .some(let line)): "\(name):\(line)"
            case .environment(let variable): variable
            }
        }
    }
}
