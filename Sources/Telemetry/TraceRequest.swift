package import Wire

/// Spans as a collector takes them: `ExportTraceServiceRequest` of OTLP 1.x in its JSON encoding, in which ids are hexadecimal, kinds numbers
/// and 64 bit integers strings.
package struct TraceRequest: JSONWritable {
    let resource: [(name: StaticString, value: Span.Value)]
    let scope: (name: String, version: String)
    let spans: [Span]

    /// - Parameter resource: who did the work.
    package init(resource: [(name: StaticString, value: Span.Value)], scope: (name: String, version: String), spans: [Span]) {
        self.resource = resource
        self.scope = scope
        self.spans = spans
    }

    package func write(to text: inout JSONText) {
        text.array("resourceSpans") {
            $0.object { text in
                text.object("resource") { $0.attributes(resource) }
                text.array("scopeSpans") {
                    $0.object { text in
                        text.object("scope") {
                            $0.member("name", scope.name)
                            $0.member("version", scope.version)
                        }
                        text.array("spans") { text in
                            for span in spans { text.object { $0.members(of: span) } }
                        }
                    }
                }
            }
        }
    }
}

extension JSONText {
    fileprivate mutating func members(of span: Span) {
        member("traceId", TraceRequest.hex(span.traceID, digits: 32))
        member("spanId", TraceRequest.hex(UInt128(span.id), digits: 16))
        if let parent = span.parent { member("parentSpanId", TraceRequest.hex(UInt128(parent), digits: 16)) }
        // Only what is sampled gets here.
        member("flags", 1)
        member("name", span.name)
        member("kind", span.kind.rawValue)
        member("startTimeUnixNano", "\(span.start.microseconds)000")
        member("endTimeUnixNano", "\(span.end.microseconds)000")
        attributes(span.attributes)
        if let error = span.error {
            object("status") {
                $0.member("code", 2)
                $0.member("message", error)
            }
        }
    }

    fileprivate mutating func attributes(_ attributes: [(name: StaticString, value: Span.Value)]) {
        array("attributes") { text in
            for attribute in attributes {
                text.object {
                    $0.member("key", attribute.name.description)
                    $0.object("value") {
                        switch attribute.value {
                        case .string(let value): $0.member("stringValue", value)
                        case .integer(let value): $0.member("intValue", "\(value)")
                        }
                    }
                }
            }
        }
    }
}

extension TraceRequest {
    fileprivate static func hex(_ value: UInt128, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
