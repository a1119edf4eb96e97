import Kafka
import Logging
import ServiceLifecycle
import Systemd

/// Sees to it that the topics are there, for as long as the daemon runs: creates those that are missing, where the broker lets itself be
/// asked. What exists is used as it is, and takes no right to create anything.
struct TopicWatch {
    typealias Counts = [String: Result<Int, KafkaError>]

    let properties: [String: String]
    let topics: [(name: String, partitions: Int32)]
    let log: Log

    private static let answerTimeout: Duration = .seconds(2)
    /// A topic that is lost, or has more partitions, is found out within that.
    private static let interval: Duration = .seconds(8)
    private static let retryInterval: Duration = .seconds(5)
    /// A daemon that starts may have to wait for its first connection.
    private static let firstInterval: Duration = .seconds(1)

    /// Until the task is canceled or a graceful shutdown.
    /// - Parameters:
    ///   - look: how many partitions each topic has, within a time; nil if nobody can be asked right now.
    ///   - onCounts: told after each look what there is.
    ///   - onProblems: told after each look what the operator should know.
    func run(
        look: @escaping @Sendable ([String], Duration) async -> Counts?, onCounts: @escaping @Sendable ([String: Int]) -> Void,
        onProblems: @escaping @Sendable ([String]) -> Void
    ) async {
        await cancelWhenGracefulShutdown {
            var pause = Self.firstInterval
            while !Task.isCancelled {
                if let found = await look(topics.map(\.name), Self.answerTimeout) {
                    onCounts(found.compactMapValues { try? $0.get() })
                    let isWhole = !found.values.contains { if case .failure = $0 { true } else { false } }
                    onProblems(await mend(found))
                    pause = isWhole ? Self.interval : min(pause * 2, Self.retryInterval)
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Creates what is missing.
    /// - Returns: in words what could not be looked at, or created.
    private func mend(_ found: Counts) async -> [String] {
        var problems: [String] = []
        var missing: [(name: String, partitions: Int32)] = []
        for topic in topics {
            guard case .failure(let error)? = found[topic.name] else { continue }
            if error.isUnknownTopic {
                missing.append(topic)
            } else if let problem = problem(error, KafkaRight(.describe, .topic(topic.name))) {
                problems.append("topic \(topic.name) cannot be looked at: \(problem)")
            }
        }
        return missing.isEmpty ? problems : problems + (await create(missing))
    }

    private func create(_ missing: [(name: String, partitions: Int32)]) async -> [String] {
        do throws(KafkaError) {
            let outcomes = try await KafkaAdmin.createTopics(properties: properties, missing, timeout: Self.answerTimeout)
            return missing.compactMap { topic, _ in
                switch outcomes[topic] {
                case .created:
                    log.record(.notice, "created topic \(topic)")
                    return nil
                case .failed(let error):
                    return problem(error, KafkaRight(.create, .topic(topic))).map {
                        "topic \(topic) is missing and cannot be created: \($0)"
                    }
                case .unsupported:
                    return "topic \(topic) is missing, and the broker cannot be asked to create it: create it with its own tools"
                case .exists, nil:
                    return nil
                }
            }
        } catch {
            return ["topics cannot be created: \(error)"]
        }
    }

    /// Without a broker there is nothing to say that the transport's own state does not say.
    private func problem(_ error: KafkaError, _ right: KafkaRight) -> String? {
        error.isRetriable ? nil : KafkaPrincipal(properties).words(for: error, right)
    }
}
