import Glibc
import Logging
import Outbound
import Saga
import ServiceLifecycle
import Systemd
import Telemetry
import Transport
import Wire

/// Takes finished spans to a collector, in batches, over OTLP. While the collector is away they wait as long as there is room.
///
/// What cannot be taken there is dropped and counted: a trace is of less worth than the orders it is about. When the daemon stops, what there
/// is gets two seconds.
struct SpanExporter: Service {
    let spans: SpanQueue
    /// Called when there are enough for a batch.
    let ready: WakeUp
    let url: String
    let service: ServiceName
    let log: Log

    private static let interval = Duration.seconds(1)
    private static let timeout = Duration.seconds(10)
    private static let longestDelay = Duration.seconds(30)
    private static let lastTime = Duration.seconds(2)

    /// - Parameter endpoint: of the collector; what is sent goes to the path that OTLP over HTTP gives traces.
    init(endpoint: String, spans: SpanQueue, ready: WakeUp, service: ServiceName, log: Log) {
        url = "\(endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)/v1/traces"
        self.spans = spans
        self.ready = ready
        self.service = service
        self.log = log
    }

    private enum Outcome {
        case taken
        /// It may be another time.
        case postponed(String, retryAfter: Duration?)
        case refused(String)
    }

    func run() async throws {
        let client = OutboundClient(connections: 1)
        let rest = await cancelWhenGracefulShutdown { await export(through: client) }
        await flush(rest, through: client)
        await client.close()
    }

    /// - Returns: what was on its way when the daemon began to stop.
    private func export(through client: OutboundClient) async -> [Span] {
        var isInTrouble = false
        while true {
            await pause(for: Self.interval)
            while !spans.isEmpty {
                let batch = spans.next()
                var delay = Duration.seconds(1)
                attempts: while true {
                    if Task.isCancelled { return batch }
                    switch await send(batch, through: client, within: Self.timeout) {
                    case .taken:
                        if isInTrouble { log.record(.notice, "the trace collector takes spans again") }
                        isInTrouble = false
                        break attempts
                    case .refused(let reason):
                        if Task.isCancelled { return batch }
                        spans.drop(batch.count)
                        if !isInTrouble { log.record(.warning, "the trace collector refuses spans, which are dropped: \(reason)") }
                        isInTrouble = true
                        break attempts
                    case .postponed(let reason, let retryAfter):
                        if Task.isCancelled { return batch }
                        if !isInTrouble { log.record(.warning, "traces wait, and are dropped when there are too many: \(reason)") }
                        isInTrouble = true
                        try? await Task.sleep(for: max(delay, min(retryAfter ?? .zero, Self.longestDelay)))
                        delay = min(delay * 2, Self.longestDelay)
                    }
                }
            }
            if Task.isCancelled { return [] }
        }
    }

    private func pause(for interval: Duration) async {
        let alarm = Task {
            try? await Task.sleep(for: interval)
            if !Task.isCancelled { ready.call() }
        }
        await ready.wait()
        alarm.cancel()
    }

    private func flush(_ batch: [Span], through client: OutboundClient) async {
        let end = ContinuousClock.now + Self.lastTime
        var batch = batch.isEmpty ? spans.next() : batch
        while !batch.isEmpty {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, case .taken = await send(batch, through: client, within: left) else { break }
            batch = spans.next()
        }
        while !batch.isEmpty {
            spans.drop(batch.count)
            batch = spans.next()
        }
    }

    private func send(_ batch: [Span], through client: OutboundClient, within limit: Duration) async -> Outcome {
        let request = TraceRequest(
            resource: [
                ("service.name", .string("sagad-\(service)")), ("service.version", .string(Version.current)),
                ("process.pid", .integer(Int64(getpid()))),
            ], scope: ("sagad", Version.current), spans: batch)
        let answer: OutboundAnswer
        do throws(OutboundError) {
            answer = try await client.post(
                url, [("content-type", "application/json"), ("user-agent", "sagad/\(Version.current)")], request.json, within: limit)
        } catch {
            return .postponed("\(error)", retryAfter: nil)
        }
        switch answer.status {
        case 200...299:
            // Some of it may be refused all the same (OTLP, "Partial Success").
            let partial = answer.body.flatMap { try? JSONObject(parsing: $0).object("partialSuccess") }
            if let count = partial?["rejectedSpans"].flatMap(Self.number) { spans.drop(min(count, batch.count)) }
            return .taken
        // Those that the protocol names.
        case 429, 502, 503, 504: return .postponed("the trace collector answered \(answer.status)", retryAfter: answer.retryAfter)
        default: return .refused("it answered \(answer.status)")
        }
    }

    /// A 64 bit integer is a string in the JSON of Protocol Buffers, but a number is to be read, too.
    private static func number(_ value: JSONValue) -> Int? {
        switch value {
        case .string(let text): Int(text)
        case .integer(let number): Int(exactly: number)
        default: nil
        }
    }
}
