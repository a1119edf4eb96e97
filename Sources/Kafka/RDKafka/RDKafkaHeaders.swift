import CRdkafka

/// The headers of a record on its way into the producer, which takes them over if it takes the record.
struct RDKafkaHeaders: ~Copyable {
    private let pointer: OpaquePointer

    init(_ headers: [KafkaHeader]) {
        pointer = rd_kafka_headers_new(headers.count)
        for header in headers {
            // The library copies name and value. It can fail for read-only headers only, which these are not.
            if let value = header.value {
                _ = value.withUnsafeBytes {
                    rd_kafka_header_add(pointer, header.name, -1, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), $0.count)
                }
            } else {
                rd_kafka_header_add(pointer, header.name, -1, nil, 0)
            }
        }
    }

    deinit {
        rd_kafka_headers_destroy(pointer)
    }

    /// Calls `produce`, which returns nil if the headers now belong to the library.
    consuming func handOver(_ produce: (OpaquePointer) -> KafkaError?) throws(KafkaError) {
        if let error = produce(pointer) {
            _ = consume self
            throw error
        }
        discard self
    }
}
