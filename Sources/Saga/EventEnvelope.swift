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
    package var event: SagaEvent

    package init(id: EventID, time: Timestamp?, causation: EventID?, trace: TraceContext, event: SagaEvent) {
        self.id = id
        self.time = time
        self.causation = causation
        self.trace = trace
        self.event = event
    }
}

/// The trace a saga belongs to (W3C Trace Context). One trace id for the whole saga: the order's id, unless a foreign
/// `ORDER_CREATED` brought its own.
package struct TraceContext: Hashable, Sendable {
    package var traceID: UInt128

    package init(traceID: UInt128) {
        self.traceID = traceID
    }

    package init(order: OrderID) {
        self.traceID = order.bits
    }

    /// Reads a `traceparent` header: `version-traceid-parentid-flags`; nil when it is not valid.
    package init?(traceparent: some Collection<UInt8>) {
        let bytes = Array(traceparent)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = TraceContext.hex(bytes[0..<2]), version != 0xFF,
            // Later versions may add to it, behind another dash.
            bytes.count == 55 || version != 0 && bytes[55] == dash,
            let traceID = TraceContext.hex(bytes[3..<35]), traceID != 0,
            let parent = TraceContext.hex(bytes[36..<52]), parent != 0,
            TraceContext.hex(bytes[53..<55]) != nil
        else { return nil }
        self.traceID = traceID
    }

    /// The header for an event of this trace; the span is named by the random half of the event's id.
    package func traceparent(event: EventID) -> String {
        let span = UInt64(truncatingIfNeeded: event.bits)
        return "00-\(traceIDText)-\(TraceContext.text(UInt128(span == 0 ? 1 : span), digits: 16..<32))-01"
    }

    package var traceIDText: String { TraceContext.text(traceID, digits: 0..<32) }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        var value: UInt128 = 0
        for byte in bytes {
            // The specification allows lower case only.
            guard let digit = UUIDText.hexDigit(byte), byte < UInt8(ascii: "A") || byte > UInt8(ascii: "F") else { return nil }
            value = value << 4 | UInt128(digit)
        }
        return value
    }

    private static func text(_ value: UInt128, digits: Range<Int>) -> String {
        String(unsafeUninitializedCapacity: digits.count) { buffer in
            for (position, index) in digits.enumerated() { buffer[position] = UUIDText.digit(index, of: value) }
            return digits.count
        }
    }
}
