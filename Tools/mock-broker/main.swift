// A Kafka cluster for tests, as a process of its own: librdkafka's mock cluster behind a line protocol.
//
//     mock-broker [--brokers N] [--port PORT] [--topic NAME:PARTITIONS]...
//
// It prints `bootstrap HOST:PORT[,...]`, then reads commands from its standard input and answers each with `ok` or `error ...`.
// `MockCommand` lists them. It ends with its input, on `quit`, and on SIGTERM, and forgets everything.

import Glibc

func reply(_ line: String) {
    print(line)
    fflush(nil)
}

signal(SIGTERM) { _ in _exit(0) }

do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    let cluster = try MockCluster(brokers: options.brokers, port: options.port)
    for topic in options.topics {
        try cluster.createTopic(topic.name, partitions: topic.partitions)
    }
    reply("bootstrap \(cluster.bootstrapServers)")

    while let line = readLine() {
        if line == "quit" { break }
        do {
            try MockCommand(line).run(on: cluster)
            reply("ok")
        } catch {
            reply("error \(error)")
        }
    }
} catch {
    let message = "mock-broker: \(error)\n"
    write(STDERR_FILENO, message, message.utf8.count)
    exit(64)
}
