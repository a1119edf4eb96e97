import Saga
import SagaStore
import Wire

extension FuzzTarget {
    /// An event's body: what is read is written again in one canonical form, which reads the same.
    static let event = FuzzTarget(
        "event", seeds: Sample.events.map { $0.encoded() } + [Array(#"{"type":"ORDER_SHIPPED","payload":{}}"#.utf8)],
        words: Sample.jsonWords + Sample.eventWords
    ) { bytes in
        guard let body = try? DecodedBody(decoding: bytes) else { return }
        try require(bytes.count <= SagaEvent.largestBody, "too long, and read")
        guard case .event(let event) = body else { return }
        try survives(event)
        let object = try JSONObject(parsing: bytes)
        try require(object.members.map(\.name).sorted() == ["payload", "type"], "unknown members, and read")
    }

    /// A record with its headers and key, as a stranger may have written it: lines for ce_id, ce_causationid, traceparent and the key, then
    /// the value.
    static let record = FuzzTarget(
        "record",
        seeds: Sample.events.map { event in
            let trace = TraceContext(order: event.orderID).traceparent(event: Sample.eventID)
            return Array("\(Sample.eventID)\n\(Sample.eventID)\n\(trace)\n\(event.orderID)\n".utf8) + event.encoded()
        }, words: Sample.jsonWords + Sample.eventWords + ["\n", "00-", "-01", "0198a1f0-"]
    ) { bytes in
        let lines = bytes.split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false).map(Array.init)
        let headers = zip(["ce_id", "ce_causationid", "traceparent"], lines).map { IncomingRecord.Header(name: $0, value: $1) }
        let record = IncomingRecord(
            topic: "order-events", partition: 0, offset: 0, key: lines.count > 3 ? lines[3] : nil, attributes: .headers(headers),
            value: lines.count > 4 ? lines[4] : nil)
        _ = record.presumedOrder
        guard case .event(var envelope)? = try? record.decoded() else { return }
        try survives(envelope.event)
        try require(record.value.flatMap { try? DecodedBody(decoding: $0) } == .event(envelope.event), "the body does not win")

        // The same event in the attributes that it would be published with is the same envelope, published by a span of its own.
        var again = record
        let time = Timestamp(milliseconds: 1)
        again.attributes = .read(id: envelope.id, time: time, causation: envelope.causation, trace: envelope.trace)
        again.attributes = .headers(again.headers)
        guard case .event(let second)? = try? again.decoded() else { throw Violation("not read again") }
        envelope.parent = TraceContext.span(of: envelope.id)
        try require(second == envelope, "\(envelope) became \(second)")
    }

    /// The headers of dead letters, as the database keeps them: names and values are any bytes, and a damaged text does not stop a daemon.
    static let headerText = FuzzTarget(
        "header-text", seeds: ["63655f6964 6162\n2d -\n 00", "61 \n\n62 -"].map { Array($0.utf8) }, words: ["-", " ", "\n", "ff", "6", "g"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let read = HeaderText.read(text) {
            try require(HeaderText.read(HeaderText.write(read)) == read, "\(read) is not read again")
        }
        let headers = bytes.split(separator: 0x0A).map { line -> IncomingRecord.Header in
            let parts = line.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
            return .init(name: String(decoding: parts[0], as: UTF8.self), value: parts.count > 1 ? Array(parts[1]) : nil)
        }
        try require(HeaderText.read(HeaderText.write(headers)) == headers, "\(headers) are not read again")
    }

    private static func survives(_ event: SagaEvent) throws {
        let encoded = event.encoded()
        try require(encoded.count <= SagaEvent.largestBody, "written longer than may be read")
        guard case .event(let again)? = try? DecodedBody(decoding: encoded) else { throw Violation("\(event) is not read again") }
        try require(again == event && again.encoded() == encoded, "\(event) became \(again)")
    }
}
