import Wire

/// A configuration as it is shown: keys in the order of the ``ConfigurationSchema``, values as they would be written.
package indirect enum ConfigurationTree: Sendable {
    case map([(name: String, value: ConfigurationTree)])
    case list([ConfigurationTree])
    case string(String)
    case integer(Int64)
    case ratio(Double)
    case boolean(Bool)

    /// One line of JSON (RFC 8259).
    package var json: String {
        switch self {
        case .map(let entries): "{\(entries.map { "\(JSONText.quoted($0.name)):\($0.value.json)" }.joined(separator: ","))}"
        case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
        case .string(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .ratio(let number): String(number)
        case .boolean(let value): String(value)
        }
    }
}

extension Configuration {
    /// What is in force, for an operator to see. Secrets among the librdkafka properties are shown as `***`.
    package func effective(hidingSecrets: Bool = true) -> ConfigurationTree {
        tree(below: [], hidingSecrets)
    }

    private func tree(below path: [String], _ hidingSecrets: Bool) -> ConfigurationTree {
        if let setting = ConfigurationSchema.setting(at: path) {
            return setting.render(self, hidingSecrets)
        }
        return .map(ConfigurationSchema.names(in: path).map { ($0, tree(below: path + [$0], hidingSecrets)) })
    }
}
