package import Saga
package import Wire

/// A record as a transport delivered it, not yet looked into.
package struct IncomingRecord: Sendable, Equatable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    package var key: [UInt8]?
    package var attributes: Attributes
    package var value: [UInt8]?

    package init(topic: String, partition: Int32, offset: Int64, key: [UInt8]?, attributes: Attributes, value: [UInt8]?) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.attributes = attributes
        self.value = value
    }

    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: [UInt8]?

        package init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    /// The CloudEvents attributes: as the headers of a foreign record, or already read by a transport that carries them in binary.
    package enum Attributes: Sendable, Equatable {
        case headers([Header])
        case read(id: EventID, time: Timestamp, causation: EventID?, trace: TraceContext)
    }
}

extension IncomingRecord {
    /// Looks into the record. Only the id and the body are required; the body wins over headers and key.
    package func decoded() throws(UnreadableRecord) -> Decoded {
        guard let value else { throw UnreadableRecord(.unreadable, "the record has no value") }
        guard value.count <= SagaEvent.largestBody else { throw UnreadableRecord(.tooLarge, "the body has more than 64 KiB") }
        let id: EventID?
        var hasID = true
        var causation: EventID?
        var trace: TraceContext?
        var parent: UInt64?
        var time: Timestamp?
        switch attributes {
        case .read(let readID, let readTime, let readCausation, let readTrace):
            (id, time, causation, trace) = (readID, readTime, readCausation, readTrace)
            parent = TraceContext.span(of: readID)
        case .headers(let headers):
            var found: EventID?
            hasID = false
            for header in headers {
                switch header.name {
                case "ce_id":
                    hasID = true
                    found = header.value.flatMap { EventID(String(decoding: $0, as: UTF8.self)) }
                case "ce_causationid": causation = header.value.flatMap { EventID(String(decoding: $0, as: UTF8.self)) }
                case "traceparent":
                    let found = header.value.flatMap { TraceParent($0) }
                    (trace, parent) = (found?.trace, found?.span)
                default: break
                }
            }
            id = found
        }
        // The body first: it may name a type that is to be passed over, whatever the headers say.
        switch try UnreadableRecord.body(of: value) {
        case .unknownType(let name): return .unknownType(name)
        case .event(let event):
            guard let id else {
                throw hasID
                    ? UnreadableRecord(.malformedID, "ce_id is not a UUID") : UnreadableRecord(.missingID, "there is no ce_id header")
            }
            return .event(
                EventEnvelope(
                    id: id, time: time, causation: causation, trace: trace ?? TraceContext(order: event.orderID), parent: parent,
                    event: event))
        }
    }

    /// As operators of Kafka write it: `order-events[3]@17`.
    var place: String { "\(topic)[\(partition)]@\(offset)" }

    /// The order an unreadable record seems to be about, for the one who looks into it.
    package var presumedOrder: OrderID? {
        if let value, let payload = try? JSONObject(parsing: value).object("payload"), let id: OrderID = try? payload.id("orderId") {
            return id
        }
        return key.flatMap { OrderID(String(decoding: $0, as: UTF8.self)) }
    }

    package enum Decoded: Sendable {
        case event(EventEnvelope)
        case unknownType(String)
    }

    /// All headers, as a foreign record had them or as this record would have had them.
    package var headers: [Header] {
        switch attributes {
        case .headers(let headers): headers
        case .read(let id, let time, let causation, let trace):
            [
                ("ce_specversion", "1.0"), ("ce_id", id.description), ("ce_time", time.description),
                ("ce_causationid", causation?.description), ("traceparent", trace.traceparent(event: id)),
                ("content-type", "application/json"),
            ].compactMap { name, text in text.map { Header(name: name, value: Array($0.utf8)) } }
        }
    }
}

/// Why a record is no event.
package struct UnreadableRecord: Error, Equatable {
    package let kind: DeadLetterKind
    package let reason: String

    package init(_ kind: DeadLetterKind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    fileprivate static func body(of value: [UInt8]) throws(UnreadableRecord) -> DecodedBody {
        let object: JSONObject
        do { object = try JSONObject(parsing: value) } catch { throw UnreadableRecord(.unreadable, error.description) }
        do { return try DecodedBody(object) } catch { throw UnreadableRecord(.schema, error.description) }
    }
}
