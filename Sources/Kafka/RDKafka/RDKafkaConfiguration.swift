import CRdkafka

/// An `rd_kafka_conf_t` that is being put together. A handle made from it takes it over; otherwise it is freed here.
struct RDKafkaConfiguration: ~Copyable {
    private let pointer: OpaquePointer

    init() {
        pointer = rd_kafka_conf_new()
    }

    /// A copy of what another handle was made from, callbacks included: they are called only if somebody polls.
    init(of handle: RDKafkaHandle) {
        pointer = rd_kafka_conf_dup(rd_kafka_conf(handle.pointer))
    }

    deinit {
        rd_kafka_conf_destroy(pointer)
    }

    /// The error names the property, whether it is unknown or its value is wrong.
    func set(_ name: String, to value: String) throws(KafkaError) {
        let (result, text) = withErrorText { rd_kafka_conf_set(pointer, name, value, $0, $1) }
        if result != RD_KAFKA_CONF_OK {
            // The library may know it under another name.
            let message = text.contains("\"\(name)\"") ? text : "\(text) (set as \"\(name)\")"
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: message)
        }
    }

    func set(_ properties: [String: String]) throws(KafkaError) {
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            try set(name, to: value)
        }
    }

    /// The opaque pointer and the callbacks of a handle; what it points to must outlive the handle.
    func withPointer(_ body: (OpaquePointer) -> Void) {
        body(pointer)
    }

    /// `rd_kafka_new` owns the configuration only if it succeeds: on failure it is still ours, and freed with `self`.
    consuming func makeHandle(_ kind: rd_kafka_type_t) throws(KafkaError) -> RDKafkaHandle {
        let (handle, text) = withErrorText { rd_kafka_new(kind, pointer, $0, $1) }
        guard let handle else {
            _ = consume self
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: text)
        }
        discard self
        return RDKafkaHandle(taking: handle, kind: kind)
    }
}
