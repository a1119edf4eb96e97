import CRdkafka

extension RDKafkaHandle {
    /// Queues a copy of the record; the call never blocks.
    func produce(_ record: KafkaRecord, token: Int64) throws(KafkaError) {
        try RDKafkaHeaders(record.headers).handOver { headers in
            record.topic.withCString { topic in
                record.key.withUnsafeBytes { key in
                    record.value.withUnsafeBytes { value in
                        enqueue(topic: topic, key: key, value: value, headers: headers, token: token)
                    }
                }
            }
        }
    }

    /// `rd_kafka_produceva` because the convenient `rd_kafka_producev` is variadic, which Swift cannot call.
    private func enqueue(
        topic: UnsafePointer<CChar>, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, headers: OpaquePointer, token: Int64
    ) -> KafkaError? {
        withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 6) { fields in
            fields.initialize(repeating: rd_kafka_vu_t())
            fields[0].vtype = RD_KAFKA_VTYPE_TOPIC
            fields[0].u.cstr = topic
            fields[1].vtype = RD_KAFKA_VTYPE_KEY
            fields[1].u.mem = .init(ptr: Self.pointer(to: key), size: key.count)
            fields[2].vtype = RD_KAFKA_VTYPE_VALUE
            fields[2].u.mem = .init(ptr: Self.pointer(to: value), size: value.count)
            fields[3].vtype = RD_KAFKA_VTYPE_HEADERS
            fields[3].u.headers = headers
            fields[4].vtype = RD_KAFKA_VTYPE_OPAQUE
            fields[4].u.ptr = UnsafeMutableRawPointer(bitPattern: Int(token))
            fields[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS
            fields[5].u.i = RD_KAFKA_MSG_F_COPY
            return rd_kafka_produceva(pointer, fields.baseAddress, fields.count).map(KafkaError.init(consuming:))
        }
    }

    /// The library only reads from it. A null pointer would mean "no key", which is not the same as an empty one.
    private static func pointer(to bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(bitPattern: 1)
    }

    /// Records and events that are not dealt with yet.
    var outstanding: Int { Int(rd_kafka_outq_len(pointer)) }

    /// Gives up every record that is not acknowledged; each gets its delivery report, with an error.
    func purge() {
        rd_kafka_purge(pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    }
}
