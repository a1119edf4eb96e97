import CYaml

/// The events of one YAML stream: libyaml's parser, confined to whoever holds this value and freed with it.
///
/// Input is UTF-8 whatever its first bytes look like. After an error the stream has ended.
struct YAMLEvents: ~Copyable {
    struct Event {
        enum Kind {
            case streamStart, streamEnd, documentStart, documentEnd
            case alias
            case scalar(YAMLScalar)
            case listStart, listEnd, mapStart, mapEnd
        }

        let kind: Kind
        let line: Int
        let hasAnchor: Bool
        let hasTag: Bool
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    // libyaml keeps pointers into the input and into itself, so both live at a fixed address.
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: some Collection<UInt8>) throws(YAMLSyntaxError) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLSyntaxError(message: "out of memory", line: nil)
        }
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    mutating func next() throws(YAMLSyntaxError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        var tag: UnsafeMutablePointer<yaml_char_t>?
        let kind: Event.Kind
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            (anchor, tag) = (scalar.anchor, scalar.tag)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kind = .scalar(YAMLScalar(text, style: scalar.style == YAML_PLAIN_SCALAR_STYLE ? .plain : .quoted))
        case YAML_SEQUENCE_START_EVENT:
            (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
            kind = .listStart
        case YAML_SEQUENCE_END_EVENT: kind = .listEnd
        case YAML_MAPPING_START_EVENT:
            (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
            kind = .mapStart
        case YAML_MAPPING_END_EVENT: kind = .mapEnd
        // libyaml answers a request after the end with an event of no type.
        default: kind = .streamEnd
        }
        return Event(kind: kind, line: Int(event.start_mark.line) + 1, hasAnchor: anchor != nil, hasTag: tag != nil)
    }

    private func syntaxError() -> YAMLSyntaxError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
        // The reader fails on bytes, before there are lines: it gives an offset instead of a mark.
        if state.error == YAML_READER_ERROR {
            return YAMLSyntaxError(message: problem, line: 1 + input.prefix(state.problem_offset).count { $0 == 0x0A })
        }
        let line = Int(state.problem_mark.line)
        if isIndentedByTab(line) {
            return YAMLSyntaxError(message: "a tab cannot indent YAML; use spaces", line: line + 1)
        }
        let context = state.context.map { " \(String(cString: $0))" } ?? ""
        let start = Int(state.context_mark.line)
        let beginning = context.isEmpty || start == line ? "" : " that begins in line \(start + 1)"
        return YAMLSyntaxError(message: problem + context + beginning, line: line + 1)
    }

    private func isIndentedByTab(_ line: Int) -> Bool {
        let lines = input.split(separator: 0x0A, maxSplits: line + 1, omittingEmptySubsequences: false)
        guard line < lines.count else { return false }
        return lines[line].prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
    }
}

struct YAMLSyntaxError: Error, Equatable {
    let message: String
    let line: Int?
}
