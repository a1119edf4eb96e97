import Saga

/// Applies sources to a configuration, each over the ones before, and remembers every problem and where each value came from.
package struct ConfigurationReader {
    private(set) var configuration = Configuration.default
    private(set) var problems: [ConfigurationError.Problem] = []
    /// The last source of each setting that is not the default's, for rules about several settings.
    private(set) var origins: [[String]: ConfigurationError.Origin] = [:]

    package init() {}

    package mutating func readFile(_ name: String, contents: [UInt8]) {
        let document = YAMLDocument(contents)
        var fromFile = Source { .file(name, line: $0) }
        fromFile.findings = document.findings
        if let root = document.root {
            read(root, at: [], &fromFile)
        }
        report(fromFile)
    }

    package mutating func readEnvironment(_ environment: [String: String]) {
        var given = environment.filter { $0.key.hasPrefix(ConfigurationSchema.environmentPrefix) }
        for path in ConfigurationSchema.sections + ConfigurationSchema.settings.map(\.path) {
            let variable = ConfigurationSchema.environmentVariable(for: path)
            if let text = given.removeValue(forKey: variable) {
                readVariable(variable, text, at: path)
            }
        }
        let known = (ConfigurationSchema.sections + ConfigurationSchema.settings.map(\.path)).map(ConfigurationSchema.environmentVariable)
        for variable in given.keys.sorted() {
            let hint = Spelling.closest(to: variable, among: known).map { "did you mean \($0)?" }
            let rule = "a key's variable is its path in upper snake case, such as SAGAD_ORDER_HTTP_PORT"
            report(.environment(variable: variable.shownPlain), [], "unknown variable; \(hint ?? rule)")
        }
    }

    /// Checks what no single setting can know, and hands out the configuration if all is well.
    package mutating func finish() throws(ConfigurationError) -> Configuration {
        if isSound(["transport", "kafka"]) { checkTransport() }
        if isSound(["kafka"]) { checkTopics() }
        if isSound(["transport", "store"]) { checkStore() }
        if isSound(["payment.gateway"]) { checkGateway() }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    mutating func report(_ origin: ConfigurationError.Origin, _ path: [String], _ message: String) {
        let path = path.map { $0.isEmpty ? $0.shown : $0.shownPlain }.joined(separator: ".")
        problems.append(ConfigurationError.Problem(origin: origin, path: path, message: message))
    }

    // MARK: One source

    private struct Source {
        let origin: (_ line: Int?) -> ConfigurationError.Origin
        var findings: [YAMLDocument.Finding] = []

        init(origin: @escaping (_ line: Int?) -> ConfigurationError.Origin) {
            self.origin = origin
        }

        mutating func report(_ message: String, line: Int, _ path: [String]) {
            findings.append(YAMLDocument.Finding(line: line, path: path, message: message))
        }
    }

    private mutating func readVariable(_ variable: String, _ text: String, at path: [String]) {
        var fromVariable = Source { _ in .environment(variable: variable) }
        if let setting = ConfigurationSchema.setting(at: path), setting.isScalar {
            read(YAMLNode(content: .scalar(YAMLScalar(text, style: .untyped)), line: 1), at: path, &fromVariable)
        } else if text.utf8.count > ConfigurationFile.maximumSize {
            fromVariable.report("is larger than \(ConfigurationFile.maximumSize) bytes", line: 1, path)
        } else {
            let document = YAMLDocument(text.utf8)
            fromVariable.findings = document.findings.map {
                YAMLDocument.Finding(line: $0.line, path: path + $0.path, message: $0.message)
            }
            if let root = document.root {
                read(root, at: path, &fromVariable)
            } else if document.findings.isEmpty {
                fromVariable.report("is empty; write {} or [] for an empty map or list", line: 1, path)
            }
        }
        report(fromVariable)
    }

    private mutating func read(_ node: YAMLNode, at path: [String], _ source: inout Source) {
        if let setting = ConfigurationSchema.setting(at: path) {
            setting.assign(node, &configuration, &source.findings)
            origins[path] = source.origin(node.line)
            return
        }
        switch node.content {
        case .map(let entries):
            let names = ConfigurationSchema.names(in: path)
            for entry in entries {
                if names.contains(entry.key) {
                    read(entry.value, at: path + [entry.key], &source)
                } else {
                    let hint = Spelling.closest(to: entry.key, among: names).map { "did you mean \($0)?" }
                    let rule = "there may be \(names.joined(separator: ", "))"
                    source.report("unknown key; \(hint ?? rule)", line: entry.line, path + [entry.key])
                }
            }
        case .scalar where node.isNull, .refused: break
        case .scalar, .list: source.report("must be a map, but is \(node.kind)", line: node.line, path)
        }
    }

    private mutating func report(_ source: Source) {
        // Two passes over the text, the document's and the schema's, told as one.
        let inOrder = source.findings.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
        for finding in inOrder.map(\.element) {
            report(source.origin(finding.line), finding.path, finding.message)
        }
    }

    // MARK: Rules about several settings

    /// Whether these keys were read without a problem: a rule about values that were refused would only repeat the complaint.
    private func isSound(_ keys: [String]) -> Bool {
        !problems.contains { problem in
            guard !problem.path.isEmpty else {
                if case .file = problem.origin { return true } else { return false }
            }
            return keys.contains { problem.path == $0 || problem.path.hasPrefix("\($0).") }
        }
    }

    private mutating func checkTransport() {
        guard configuration.transport == .kafka, configuration.kafka.bootstrapServers.isEmpty else { return }
        let path = ["kafka", "bootstrapServers"]
        if let origin = origins[path] ?? origins[["transport"]] {
            report(origin, path, "is required with transport: kafka, such as 127.0.0.1:9092")
        }
    }

    private mutating func checkStore() {
        guard configuration.store.kind == .postgresql else { return }
        let kind = ["store", "kind"]
        if configuration.transport != .kafka, let origin = origins[kind] ?? origins[["transport"]] {
            report(origin, kind, "postgresql needs transport: kafka; with direct events travel between processes of one host")
        }
        let path = ["store", "connection"]
        if configuration.store.connection.isEmpty, let origin = origins[path] ?? origins[kind] {
            report(
                origin, path,
                "is required with store.kind: postgresql, such as \"host=db.example.com dbname=sagad_{service} user=sagad\"")
        }
    }

    private mutating func checkGateway() {
        guard configuration.payment.gateway.kind == .http, configuration.payment.gateway.url.isEmpty else { return }
        let path = ["payment", "gateway", "url"]
        if let origin = origins[path] ?? origins[["payment", "gateway", "kind"]] {
            report(origin, path, "is required with payment.gateway.kind: http, such as https://payments.example.com/v1")
        }
    }

    private mutating func checkTopics() {
        let topics = configuration.kafka.topics
        let named = ServiceName.allCases.map { ($0.rawValue, topics[$0]) }
        for (index, (name, topic)) in named.enumerated() {
            guard let (other, _) = named[..<index].first(where: { $0.1 == topic }) else { continue }
            // At least one of the two was given; the defaults differ.
            let given = origins[["kafka", "topics", name]] == nil ? other : name
            guard let origin = origins[["kafka", "topics", given]] else { continue }
            let rival = given == name ? other : name
            report(
                origin, ["kafka", "topics", given], "\(topic.shown) is the topic of \(rival) too; each service needs one of its own")
        }
    }
}
