/// A value of the configuration, as JSON.
package indirect enum ConfigurationValue: Codable, Hashable, Sendable {
    case text(String)
    case number(Int64)
    case fraction(Double)
    case list([ConfigurationValue])
    case map([String: ConfigurationValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let fraction = try? container.decode(Double.self) {
            self = .fraction(fraction)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([ConfigurationValue].self) {
            self = .list(list)
        } else {
            self = .map(try container.decode([String: ConfigurationValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .fraction(let fraction): try container.encode(fraction)
        case .list(let list): try container.encode(list)
        case .map(let map): try container.encode(map)
        }
    }
}

/// As one would write it in the file, on one line.
extension ConfigurationValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): text.isEmpty ? "\"\"" : text
        case .number(let number): String(number)
        case .fraction(let fraction): String(fraction)
        case .list(let list): "[\(list.map(\.description).joined(separator: ", "))]"
        case .map(let map): "{\(map.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }
}
