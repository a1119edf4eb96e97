import Kafka
import Logging
import Saga
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Systemd
import Transport

/// Looks now and then whether this service's topic still holds what the broker has confirmed, and whether a reader asks for what was
/// trimmed before it could read it; and has published again what is missing. Keeps nothing itself: see `Confirmations`.
final class LossWatch: Sendable {
    private let topic: String
    private let readers: [String]
    private let publisher: OutboxPublisher
    private let database: Database
    private let published: Confirmations
    private let properties: [String: String]
    private let principal: KafkaPrincipal
    private let log: Log
    private let occasions: AsyncStream<Void>
    private let occasion: AsyncStream<Void>.Continuation
    /// What kept it from looking that was reported last.
    private let refusal = Mutex<String?>(nil)

    /// A loss in between shows itself as soon as something is published.
    private static let interval = Duration.seconds(20)
    private static let answerTimeout = Duration.seconds(5)
    private static let surveysPerThoroughOne = 10
    /// How often a broker that is there is asked before anything is published. Afterwards publishing what is durable comes first.
    private static let mostTries = 5
    /// So many events may be on their way before more are queued to be published again.
    private static let ahead: Int64 = 1000

    /// - Parameters:
    ///   - readers: the consumer groups that read the topic.
    ///   - publisher: the one whose connection is used.
    init(
        topic: String, readers: [String], publisher: OutboxPublisher, database: Database, published: Confirmations,
        properties: [String: String], log: Log
    ) {
        self.topic = topic
        self.readers = readers
        self.publisher = publisher
        self.database = database
        self.published = published
        self.properties = properties
        principal = KafkaPrincipal(properties)
        self.log = log
        (occasions, occasion) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What it cannot see at the moment, and why.
    var problem: String? { refusal.withLock { $0 } }

    /// Has it look now: after a connection was made, or a loss was found.
    func look() {
        occasion.yield()
    }

    /// What a new producer published could take the places of what was lost, and then no offset would show it. Returns when the topic has been
    /// looked at and a loss is saved; also when that cannot be done while a broker is there, or the task is canceled.
    func lookBeforeTelling() async {
        let strays = publisher.strays
        var tries = 0
        // Short at first, as nobody who stops the daemon is to wait for it.
        var timeout = Duration.seconds(1)
        while !Task.isCancelled {
            let expectation = published.expectation
            do {
                guard let watermarks = try await publisher.watermarks(within: timeout) else { return }
                let ends = watermarks.mapValues(\.upperBound)
                let lost = published.found(ends, expecting: expectation)
                if !lost.isEmpty { log.noteLoss(of: topic, lost) }
                if strays > 0 {
                    let older = try await publisher.partitionsOlderThanStrays(watermarks, within: timeout)
                    let unclear = published.found(ends, expecting: expectation, strays: strays, older: older)
                    if !unclear.isEmpty { log.noteDoubt(of: topic, unclear) }
                }
                if published.isRepublishing { await saveLoss() }
                return
            } catch {
                guard error.isRetriable, !error.isUnknownTopic else { return }
                if publisher.isConnected { tries += 1 }
                guard tries < Self.mostTries else {
                    log.record(.warning, "\(topic) could not be looked at before publishing, a loss may show later: \(error)")
                    return
                }
                timeout = min(timeout * 2, Self.answerTimeout)
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Makes it durable that everything is to be published again; the rest of that follows beside what is new.
    private func saveLoss() async {
        for _ in 1...Self.mostTries where !Task.isCancelled {
            do {
                _ = try await database.writer.write(isBounded: true) { [published] in try published.requeue(in: $0) }
                break
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
        look()
    }

    /// Until the task is canceled or a graceful shutdown. What it has begun is gone on with after the next start.
    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.look()
                        try? await Task.sleep(for: Self.interval)
                    }
                }
                var surveys = 0
                for await _ in occasions {
                    // Whether readers could be asked is seen now and then also while there is nothing to ask.
                    if await survey(isThorough: surveys.isMultiple(of: Self.surveysPerThoroughOne)) { surveys += 1 }
                    await republish()
                }
                group.cancelAll()
            }
        }
    }

    /// - Returns: whether it could look.
    private func survey(isThorough: Bool) async -> Bool {
        let expectation = published.expectation
        do {
            guard let watermarks = try await publisher.watermarks(within: Self.answerTimeout) else { return false }
            let lost = published.found(watermarks.mapValues(\.upperBound), expecting: expectation)
            if !lost.isEmpty { log.noteLoss(of: topic, lost) }
            // Nobody misses anything of a topic that is whole.
            guard isThorough || problem != nil || watermarks.values.contains(where: { $0.lowerBound > 0 }) else { return true }
            for request in published.requested(await requests(of: watermarks.keys.sorted())) {
                log.record(
                    .warning, "\(request.reader) of \(topic): \(request.text): what is retained is published again",
                    fields: ["topic": topic], messageID: MessageID.republished)
            }
        } catch {
            // Without a broker there is nothing to say that the transport's own state does not say.
            let words = principal.words(for: error, KafkaRight(.describe, .topic(topic)))
            note(error.isRetriable ? nil : "\(topic) cannot be looked at: \(words)")
            return false
        }
        return true
    }

    private func requests(of partitions: [Int32]) async -> [Confirmations.Request] {
        var requests: [Confirmations.Request] = []
        var refusal: String?
        for reader in readers {
            do throws(KafkaError) {
                let notes = try await KafkaGroupNotes.of(
                    group: reader, on: topic, partitions: partitions, properties: properties, timeout: Self.answerTimeout)
                requests += notes.map { Confirmations.Request(reader: "\(reader)/\($0.key)", text: $0.value) }
            } catch {
                // One that has not been there yet misses nothing, and a coordinator that moves is found the next time.
                if !error.isRetriable, !error.isUnknownGroup {
                    let words = principal.words(for: error, KafkaRight(.describe, .group(reader)))
                    refusal =
                        refusal
                        ?? "the group \(reader) cannot be asked what it misses of \(topic), which is published again when it can: \(words)"
                }
            }
        }
        note(refusal)
        return requests
    }

    private func republish() async {
        while !Task.isCancelled {
            do {
                repeat {
                    try await waitForBroker()
                } while try await database.writer.write(
                    isBounded: true, { [published] in try published.requeue(in: $0) })
                return
            } catch let error as StoreError where error == .closed || error.isFinal {
                return
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// What is published again is not to pile up before new orders, nor to count as a backlog for which they are refused.
    private func waitForBroker() async throws {
        while publisher.outbox.backlog > Self.ahead { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func note(_ refusal: String?) {
        let isNews = self.refusal.withLock { told in
            defer { told = refusal }
            return told != refusal
        }
        if isNews, let refusal { log.record(.notice, "\(refusal)") }
    }
}

extension Log {
    func noteDoubt(of topic: String, _ partitions: [Int32]) {
        let places = partitions.map { "\(topic)[\($0)]" }.joined(separator: " ")
        record(
            .notice,
            "what \(places) holds is no older than what was being published when this daemon ended: to be sure that it is all there, what is "
                + "retained is published again", fields: ["topic": topic], messageID: MessageID.republished)
    }

    func noteLoss(of topic: String, _ partitions: [Int32]) {
        let places = partitions.map { "\(topic)[\($0)]" }.joined(separator: " ")
        record(
            .warning, "the broker seems to have lost what it had confirmed of \(places): what is retained is published again",
            fields: ["topic": topic], messageID: MessageID.republished)
    }
}
