import AdminAPI
import Saga
import SagaConfiguration
import Wire

extension FuzzTarget {
    /// The small texts, one input to each of their readers: what is read is written in one form, which reads the same.
    static let scalars = FuzzTarget(
        "scalars",
        seeds: [
            "0198a1f0-5c00-7abc-8def-0123456789ab", "2026-01-31T12:00:00.000Z", "1969-12-31t23:59:60.9999999-23:59",
            "0000-01-01 00:00:00+23:59",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "1.5h",
            "36500d", "0.000001ms", "9007199254740992",
        ].map { Array($0.utf8) }, words: ["-", ":", ".", "T", "Z", "+00:00", "00", "ff", "ms", "s", "m", "h", "d", "9999", "02-29"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let id = OrderID(text) {
            try require(id.description == text.lowercased() && OrderID(id.description) == id, "\(text) became \(id)")
        }
        if let trace = TraceParent(bytes)?.trace {
            try require(TraceParent(trace.traceparent(event: Sample.eventID).utf8)?.trace == trace, "\(text) became \(trace)")
        }
        if let time = RFC3339.parse(text) {
            let written = RFC3339.format(microseconds: time)
            // Beyond the four digits of a year the nearest time that has them is written.
            let ends = ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]
            let again = RFC3339.parse(written)
            try require(again.map { time - $0 < 1000 && time >= $0 } == true || ends.contains(written), "\(text) became \(written)")
        }
        if let duration = try? DurationText.read(text) {
            let written = DurationText.write(duration)
            try require((try? DurationText.read(written)) == duration, "\(text) became \(written)")
        }
        if let number = DecimalInteger(text)?.number {
            try require("\(number)" == text, "\(text) became \(number)")
        }
        var json = JSONText()
        json.object { $0.member("a", text) }
        try require((try? JSONObject(parsing: json.bytes).string("a")) == text, "\(json.bytes)")
        try require(!text.shown.contains(where: \.isNewline) && text.shown.unicodeScalars.count <= 60 * 10 + 3, "shown as \(text.shown)")
    }
}
