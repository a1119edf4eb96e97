/// The one document of a YAML text, in the part of YAML that configuration needs: scalars, lists, and maps with different scalar keys.
///
/// Anchors, aliases, tags, further documents and deep nesting are refused: they serve no purpose here, and aliases can make a small
/// file huge.
/// What is refused is reported and reading goes on where that makes sense; after a syntax error there is no document.
struct YAMLDocument {
    /// The deepest key has two levels above it; more is an accident or an attack.
    static let maximumDepth = 16

    struct Finding: Equatable {
        let line: Int?
        let path: [String]
        let message: String
    }

    /// Nothing for an empty text.
    private(set) var root: YAMLNode?
    private(set) var findings: [Finding] = []

    init(_ bytes: some Collection<UInt8>) {
        do throws(YAMLSyntaxError) {
            var events = try YAMLEvents(bytes)
            try read(&events)
        } catch {
            root = nil
            findings.append(Finding(line: error.line, path: [], message: "not valid YAML: \(error.message)"))
        }
    }

    private mutating func read(_ events: inout YAMLEvents) throws(YAMLSyntaxError) {
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return
            case .documentStart where root == nil:
                root = try node(try events.next(), path: [], &events)
            case .documentStart:
                findings.append(Finding(line: event.line, path: [], message: "a second YAML document; only one is allowed"))
                return
            case .streamStart, .documentEnd, .alias, .scalar, .listStart, .listEnd, .mapStart, .mapEnd: break
            }
        }
    }

    private mutating func node(
        _ event: YAMLEvents.Event, path: [String], _ events: inout YAMLEvents
    ) throws(YAMLSyntaxError) -> YAMLNode {
        if path.count > Self.maximumDepth {
            throw YAMLSyntaxError(message: "nested deeper than \(Self.maximumDepth) levels", line: event.line)
        }
        if event.hasAnchor { refuse("anchors are not supported", event, path) }
        if event.hasTag { refuse("tags are not supported", event, path) }
        switch event.kind {
        case .scalar(let scalar):
            if scalar.text.utf8.contains(0) { refuse("contains a NUL character", event, path) }
            return YAMLNode(content: .scalar(scalar), line: event.line)
        case .listStart:
            return YAMLNode(content: .list(try list(path: path, &events)), line: event.line)
        case .mapStart:
            return YAMLNode(content: .map(try map(path: path, &events)), line: event.line)
        case .alias:
            refuse("aliases are not supported; write the value out", event, path)
            return YAMLNode(content: .refused, line: event.line)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mapEnd:
            return YAMLNode(content: .refused, line: event.line)
        }
    }

    private mutating func list(path: [String], _ events: inout YAMLEvents) throws(YAMLSyntaxError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .listEnd = event.kind { return items }
            items.append(try node(event, path: path + ["\(items.count)"], &events))
        }
    }

    private mutating func map(path: [String], _ events: inout YAMLEvents) throws(YAMLSyntaxError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if case .mapEnd = event.kind { return entries }
            guard case .scalar(let key) = try node(event, path: path + ["?"], &events).content else {
                if case .alias = event.kind {} else { refuse("a key must be a scalar", event, path) }
                _ = try node(try events.next(), path: path + ["?"], &events)
                continue
            }
            let value = try node(try events.next(), path: path + [key.text], &events)
            if let first = lines[key.text] {
                refuse("given twice, first in line \(first)", event, path + [key.text])
                continue
            }
            lines[key.text] = event.line
            entries.append(YAMLNode.Entry(key: key.text, line: event.line, value: value))
        }
    }

    private mutating func refuse(_ message: String, _ event: YAMLEvents.Event, _ path: [String]) {
        findings.append(Finding(line: event.line, path: path, message: message))
    }
}
