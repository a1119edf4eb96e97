#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/// Swift cannot call variadic C functions, and librdkafka 2.0.2 has no array form of this one.
/// The next request of this kind to the broker is carried out, but answered only after `rtt_ms`, with `err`.
static inline rd_kafka_resp_err_t sagad_mock_delay_request(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t api, rd_kafka_resp_err_t err, int rtt_ms) {
    return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, api, 1, err, rtt_ms);
}
