package import Wire

/// An event with what identifies it and says where it comes from: CloudEvents attributes in memory.
package struct EventEnvelope: Equatable, Sendable {
    /// Unique per event; delivering the same id again has no second effect.
    package var id: EventID
    /// When it happened; nil where a foreign producer did not say.
    package var time: Timestamp?
    /// The event that caused this one; nil for what a client or a deadline began.
    package var causation: EventID?
    package var trace: TraceContext
    /// The span that published it; nil where a foreign producer did not say.
    package var parent: UInt64?
    package var event: SagaEvent

    package init(
        id: EventID, time: Timestamp?, causation: EventID?, trace: TraceContext, parent: UInt64? = nil, event: SagaEvent
    ) {
        self.id = id
        self.time = time
        self.causation = causation
        self.trace = trace
        self.parent = parent
        self.event = event
    }
}

/// The trace a saga belongs to (W3C Trace Context). One trace id for the whole saga: the order's id, unless a foreign
/// `ORDER_CREATED` brought its own.
package struct TraceContext: Hashable, Sendable {
    package var traceID: UInt128
    /// Whether it is exported, which is decided where it begins.
    package var isSampled: Bool

    package init(traceID: UInt128, isSampled: Bool = true) {
        self.traceID = traceID
        self.isSampled = isSampled
    }

    package init(order: OrderID, isSampled: Bool = true) {
        self.init(traceID: order.bits, isSampled: isSampled)
    }

    /// The header for an event of this trace.
    package func traceparent(event: EventID) -> String {
        let span = TraceContext.text(UInt128(TraceContext.span(of: event)), digits: 16..<32)
        return "00-\(traceIDText)-\(span)-\(isSampled ? "01" : "00")"
    }

    package var traceIDText: String { TraceContext.text(traceID, digits: 0..<32) }

    /// The span that is called like an event or an order: by the random half of the id.
    package static func span<Entity>(of id: ID<Entity>) -> UInt64 {
        let span = UInt64(truncatingIfNeeded: id.bits)
        return span == 0 ? 1 : span
    }

    private static func text(_ value: UInt128, digits: Range<Int>) -> String {
        String(unsafeUninitializedCapacity: digits.count) { buffer in
            for (position, index) in digits.enumerated() { buffer[position] = UUIDText.digit(index, of: value) }
            return digits.count
        }
    }
}

/// A `traceparent` header: a trace, and the span of it that whoever reads this goes on from.
package struct TraceParent: Hashable, Sendable {
    package let trace: TraceContext
    package let span: UInt64

    /// Reads `version-traceid-parentid-flags`; nil when it is not valid.
    package init?(_ traceparent: some Collection<UInt8>) {
        let bytes = Array(traceparent)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = TraceParent.hex(bytes[0..<2]), version != 0xFF,
            // Later versions may add to it, behind another dash.
            bytes.count == 55 || version != 0 && bytes[55] == dash,
            let traceID = TraceParent.hex(bytes[3..<35]), traceID != 0,
            let span = TraceParent.hex(bytes[36..<52]), span != 0,
            let flags = TraceParent.hex(bytes[53..<55])
        else { return nil }
        trace = TraceContext(traceID: traceID, isSampled: flags & 1 == 1)
        self.span = UInt64(span)
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        var value: UInt128 = 0
        for byte in bytes {
            // The specification allows lower case only.
            guard let digit = UUIDText.hexDigit(byte), byte < UInt8(ascii: "A") || byte > UInt8(ascii: "F") else { return nil }
            value = value << 4 | UInt128(digit)
        }
        return value
    }
}
