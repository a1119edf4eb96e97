/// One row of the ``ConfigurationSchema``.
package struct Setting: Sendable {
    package let path: [String]
    /// Whether an environment variable gives the text of the value itself, rather than YAML.
    let isScalar: Bool
    /// Puts what the node says into the configuration, unless it reports a problem.
    let assign: @Sendable (YAMLNode, inout Configuration, inout [YAMLDocument.Finding]) -> Void
    let render: @Sendable (_ configuration: Configuration, _ hidingSecrets: Bool) -> ConfigurationTree

    init<Value>(_ path: String, _ property: any WritableKeyPath<Configuration, Value> & Sendable, _ format: Format<Value>) {
        let path = path.split(separator: ".").map(String.init)
        self.path = path
        isScalar = format.isScalar
        assign = { node, configuration, findings in
            var reading = Format<Value>.Reading(path: path)
            if let value = format.read(node, &reading) {
                configuration[keyPath: property] = value
            }
            findings += reading.findings
        }
        render = { configuration, hidingSecrets in
            format.render(configuration[keyPath: property], hidingSecrets)
        }
    }
}
