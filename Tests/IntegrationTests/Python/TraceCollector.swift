import Foundation
import SagaTestSupport
import Testing
import Wire

/// `collector.py`: it decodes what it gets with the official messages, and remembers the spans.
struct TraceCollector: Sendable {
    struct Span: Sendable {
        let json: JSONValue

        func text(_ name: String) -> String { json[name]?.string ?? "" }

        func attribute(_ name: String) -> String? { json["attributes"]?[name]?.string }

        var service: String { text("service") }
        var id: String { text("span") }
        var parent: String { text("parent") }
        var kind: String { text("kind").replacing("SPAN_KIND_", with: "") }
        var name: String { text("name") }
        var event: String { attribute("cloudevents.event_type") ?? "" }
    }

    let port: Int
    private let process: ProgramProcess
    private let record: String

    /// - Parameter port: of one that ran before.
    init(in directory: TestDirectory, port: Int? = nil) throws {
        let port = try port ?? FreePort.choose()
        record = "\(directory.path)/spans"
        process = try Python.start("collector.py", ["\(port)", record], in: directory, label: "collector")
        self.port = port
    }

    func ready() async throws {
        try await eventually("the collector answers") { try await HTTPClient(.tcp(port: port)).get("/").status == 404 ? () : nil }
    }

    func crash() async throws {
        process.signal(SIGKILL)
        try await process.exited()
    }

    func behave(_ behaviour: String) throws {
        try Data(behaviour.utf8).write(to: URL(fileURLWithPath: record + ".behaviour"), options: .atomic)
    }

    var environment: [String: String] { ["SAGAD_TRACING_OTLP_ENDPOINT": "http://127.0.0.1:\(port)"] }

    /// All that came.
    var spans: [Span] {
        get throws {
            guard let text = try? String(contentsOfFile: record, encoding: .utf8) else { return [] }
            let spans = try text.split(separator: "\n").map { Span(json: try JSONValue(parsing: Array($0.utf8))) }
            let problems = spans.filter { $0.json["problem"] != nil }
            try #require(problems.isEmpty, "\(problems)")
            return spans
        }
    }

    /// Those of a trace, once there are so many.
    func spans(of trace: String, atLeast count: Int) async throws -> [Span] {
        try await eventually("\(count) spans of \(trace)", within: .seconds(60)) {
            let found = try spans.filter { $0.text("trace") == trace }
            return found.count >= count ? found : nil
        }
    }
}
