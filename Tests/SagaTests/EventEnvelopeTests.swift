import Saga
import Testing
import Wire

@Suite struct EventEnvelopeTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let span = "00f067aa0ba902b7"

    @Test(
        "A valid traceparent gives its trace id (W3C Trace Context, section 3.2)",
        arguments: [
            "00-\(trace)-\(span)-01", "00-\(trace)-\(span)-00", "00-\(trace)-\(span)-ff", "01-\(trace)-\(span)-01",
            "fe-\(trace)-\(span)-01", "01-\(trace)-\(span)-01-", "cc-\(trace)-\(span)-01-what-the-future-will-be-like",
        ])
    func valid(header: String) {
        let parent = TraceParent(header.utf8)
        #expect(parent?.trace.traceIDText == Self.trace)
        #expect(parent?.span == 0x00f0_67aa_0ba9_02b7)
        #expect(parent?.trace.isSampled == (header.split(separator: "-")[3] != "00"))
    }

    @Test(
        "An invalid traceparent is none",
        arguments: [
            "", "00", "00-\(trace)", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-0",
            "00-\(trace)-\(span)-001", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-more", "ff-\(trace)-\(span)-01",
            "01-\(trace)-\(span)-01x", "01-\(trace)-\(span)-01.what-the-future-will-be-like", "0-\(trace)-\(span)-01",
            "000-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01", "00-\(trace.uppercased())-\(span)-01",
            "00-\(trace)-\(span.uppercased())-01", "00-\(trace)-\(span)-0A", "0A-\(trace)-\(span)-01", "00-\(trace)-\(span)-0g",
            "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01", "00_\(trace)_\(span)_01",
            "00-\(trace) \(span)-01", " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01 ", "00-\(span)-\(trace)-01",
            "00-\(trace.dropLast())ü-\(span)-01",
        ])
    func invalid(header: String) {
        #expect(TraceParent(header.utf8) == nil)
    }

    @Test("A saga's trace is its order's id, and an event's span the random half of its own")
    func print() {
        let context = TraceContext(order: Sample.orderID)
        let event = EventID("0198a1f0-5c02-7000-8fff-00000000000b")!
        #expect(context.traceparent(event: event) == "00-0198a1f05c007abc8def0123456789ab-8fff00000000000b-01")
        #expect(TraceParent(context.traceparent(event: event).utf8)?.trace == context)
        let silent = TraceContext(order: Sample.orderID, isSampled: false)
        #expect(silent.traceparent(event: event).hasSuffix("-00"))
        #expect(TraceParent(silent.traceparent(event: event).utf8)?.trace == silent)
    }

    @Test("Leading zeros are written, and a span is never zero")
    func zeros() {
        let context = TraceContext(traceID: 0xAB)
        #expect(context.traceIDText == "000000000000000000000000000000ab")
        #expect(context.traceparent(event: EventID(bits: 0xF << 64)) == "00-000000000000000000000000000000ab-0000000000000001-01")
    }
}
