import CRdkafka

/// librdkafka's properties (its CONFIGURATION.md lists them): our defaults, over which the user's are laid verbatim.
package enum KafkaProperties {
    /// A property that cannot be used as it is.
    package struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// Names the property.
        package let description: String
    }

    /// For producers and consumers: quick to send, quick to come back after an outage, and telling how things are.
    private static let common = [
        "socket.nagle.disable": "true",
        "socket.keepalive.enable": "true",
        "socket.connection.setup.timeout.ms": "10000",
        "reconnect.backoff.ms": "100",
        "reconnect.backoff.max.ms": "1000",
        // By them a connection that has come back or was lost is noticed. Seldom, as the library spins up to a millisecond for each of its
        // timers, which is most of what an idle handle costs.
        "statistics.interval.ms": "2000",
        // Partitions that were added are read within seconds, and what is known of a coordinator that has moved is forgotten in three times that.
        "topic.metadata.refresh.interval.ms": "5000",
        // Otherwise asking for a topic would create it, with the broker's default number of partitions.
        "allow.auto.create.topics": "false",
        // Bridges the library's log into our events, on the thread that serves the handle.
        "log.queue": "true",
    ]

    /// Nothing lost, order kept per key. `murmur2_random` puts a key into the partition in which Java producers put it.
    ///
    /// - `linger.ms`: with one request at a time, what comes meanwhile is the next batch; a wait would only be added to every event.
    static let producerDefaults = common.merging(
        [
            "enable.idempotence": "true",
            // With more, a later batch that succeeds counts as the acknowledgement of an earlier one whose fate is unknown. That rests on
            // the broker checking sequence numbers; one at a time rests on nothing.
            "max.in.flight.requests.per.connection": "1",
            "acks": "all",
            "linger.ms": "0",
            "message.timeout.ms": "300000",
            "partitioner": "murmur2_random",
            "queue.buffering.max.kbytes": "65536",
        ], uniquingKeysWith: { _, ours in ours })

    /// - `range`: the cooperative assignors of 2.0.2 have known faults.
    /// - `fetch.wait.max.ms` stays as the library has it, 500: a broker answers as soon as there is something to fetch, so less makes
    ///   nothing quicker and only wakes an idle daemon more often. (The library's mock broker is no such broker: it waits it out.)
    /// - `queued.max.messages.kbytes`: bounds memory; 2.0.2 pauses a second when the queue is full, so it holds more than that.
    static let consumerDefaults = common.merging(
        [
            // A position that is gone is for us to see, not for the library to replace.
            "auto.offset.reset": "error",
            "partition.assignment.strategy": "range",
            "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "2000",
            "enable.auto.offset.store": "false",
            "enable.auto.commit": "false",
            "enable.partition.eof": "true",
            "fetch.error.backoff.ms": "100",
            "queued.max.messages.kbytes": "32768",
        ], uniquingKeysWith: { _, ours in ours })

    /// Properties on which the guarantees of `KafkaProducer` and `KafkaConsumer` rest.
    private static let reserved = [
        "auto.commit.enable": "offsets are committed when a batch has been handled",
        "auto.offset.reset": "a position that is gone is noticed and reported",
        "enable.auto.commit": "offsets are committed when a batch has been handled",
        "enable.partition.eof": "it tells when a partition has been read to its end",
        "enable.auto.offset.store": "offsets are committed when a batch has been handled",
        "delivery.report.only.error": "every delivery is reported",
        "group.id": "the group is given by the program",
        "group.instance.id": "it names the program that holds the state directory",
        "log.queue": "the log is part of the events",
        "offset.store.method": "the places to read on from are in the database",
        "statistics.interval.ms": "connections are watched by the statistics",
        "test.mock.num.brokers": "a broker inside the client keeps nothing and is seen by nobody else",
        "transactional.id": "transactions are not used",
    ]

    /// Values without which a guarantee does not hold, as librdkafka reads them.
    private static let required: [String: (isMet: @Sendable (String) -> Bool, text: String)] = [
        "acks": (isAcksAll, "must be \"all\", or what the broker has confirmed may be lost"),
        "request.required.acks": (isAcksAll, "must be \"all\", or what the broker has confirmed may be lost"),
        "enable.idempotence": (
            { ["true", "t", "1"].contains($0.lowercased()) }, "must be \"true\", or events get out of order when they are sent again"
        ),
        "isolation.level": ({ $0.lowercased() == "read_committed" }, "must be \"read_committed\", or what was taken back is handled"),
        "partition.assignment.strategy": ({ !$0.contains("cooperative") }, "must not be cooperative, which is not supported"),
        "partitioner": ({ $0.lowercased() != "random" }, "must not be \"random\", or an order's events get out of order"),
    ]

    private static let isAcksAll: @Sendable (String) -> Bool = { ["all", "-1"].contains($0.lowercased()) }

    /// What the program sets from settings of its own, so that an operator's set would override those without a word.
    private static let givenElsewhere = [
        "bootstrap.servers": "set kafka.bootstrapServers",
        "metadata.broker.list": "set kafka.bootstrapServers",
        "client.id": "it is the service's name",
    ]

    /// What is wrong with an operator's properties, without connecting to anything. Empty if a producer and a consumer would take them.
    /// - Parameter hasSecrets: whether the credentials are among them. Without them a password that is missing is no problem.
    package static func validate(_ properties: [String: String], hasSecrets: Bool = true) -> [Problem] {
        var problems = properties.sorted { $0.key < $1.key }.compactMap { name, value in
            (givenElsewhere[name].map { "Configuration property \"\(name)\" cannot be given here: \($0)" } ?? problem(of: name, value))
                .map(Problem.init(description:))
        }
        guard problems.isEmpty else { return problems }
        if let problem = SASLProperties(properties).problem { return [Problem(description: problem)] }
        // The library checks how properties go together when it makes a handle. Without brokers that connects to nothing.
        let complete = hasSecrets ? properties : SASLProperties(properties).withSecrets
        for (kind, defaults) in [(RD_KAFKA_PRODUCER, producerDefaults), (RD_KAFKA_CONSUMER, consumerDefaults)] {
            do throws(KafkaError) {
                let configuration = RDKafkaConfiguration()
                try configuration.set(defaults)
                try configuration.set(complete)
                if kind == RD_KAFKA_CONSUMER { try configuration.set("group.id", to: "validation") }
                _ = try configuration.makeHandle(kind)
            } catch {
                let problem = Problem(description: error.message)
                if !problems.contains(problem) { problems.append(problem) }
            }
        }
        return problems
    }

    /// A configuration of the defaults with the user's properties over them.
    static func configuration(
        _ defaults: [String: String], under properties: [String: String]
    ) throws(KafkaError) -> RDKafkaConfiguration {
        guard properties.contains(where: { brokerLists.contains($0.key) && !$0.value.isEmpty }) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "bootstrap.servers is required: name at least one broker, HOST:PORT")
        }
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            if let problem = problem(of: name, value) { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: problem) }
        }
        let configuration = RDKafkaConfiguration()
        try configuration.set(defaults)
        try configuration.set(properties)
        return configuration
    }

    private static let brokerLists: Set = ["bootstrap.servers", "metadata.broker.list"]

    /// What is wrong with one property by itself.
    private static func problem(of name: String, _ value: String) -> String? {
        if let reason = reserved[name] { return "Configuration property \"\(name)\" cannot be changed: \(reason)" }
        if let required = required[name], !required.isMet(value) {
            return "Configuration property \"\(name)\" is \"\(value)\", but \(required.text)"
        }
        do throws(KafkaError) {
            try RDKafkaConfiguration().set(name, to: value)
            return nil
        } catch {
            return error.message
        }
    }
}
