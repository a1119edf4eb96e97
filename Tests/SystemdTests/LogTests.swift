import Logging
import Testing

@testable import Systemd

@Suite("Logging", .timeLimit(.minutes(1)))
struct LogTests {
    private struct Failure: Error, CustomStringConvertible {
        let description = "it broke"
    }

    private func makeLog(_ level: Logger.Level = .info) -> (Log, RecordingBackend) {
        let backend = RecordingBackend()
        return (Log(sink: LogSink(backend: backend), threshold: LogThreshold(level)), backend)
    }

    @Test("A record carries level, message, fields and message id")
    func record() async throws {
        let (log, backend) = makeLog()
        log.record(.notice, "Order approved", fields: ["order_id": "1"], messageID: "0123456789abcdef0123456789abcdef")
        let record = try #require(await backend.next())
        #expect(record.level == .notice)
        #expect(record.message == "Order approved")
        #expect(record.fields.texts == ["order_id=1"])
        #expect(record.messageID == "0123456789abcdef0123456789abcdef")
    }

    @Test("Below the threshold nothing is built", arguments: Logger.Level.allCases, Logger.Level.allCases)
    func threshold(threshold: Logger.Level, level: Logger.Level) {
        let (log, _) = makeLog(threshold)
        var built = 0
        func build<Part>(_ part: Part) -> Part {
            built += 1
            return part
        }
        log.record(level, build("m"), fields: build(["a": "b"]))
        #expect(built == (level >= threshold ? 2 : 0))
    }

    @Test("A change of the threshold reaches everybody at once, but a logger with a level of its own")
    func changingTheThreshold() async {
        let (log, backend) = makeLog(.warning)
        let logger = log.logger(label: "library")
        var own = logger
        own.logLevel = .error

        logger.info("unheard")
        log.threshold.level = .debug
        own.info("unheard")
        logger.debug("first")
        log.record(.debug, "second")
        log.threshold.level = .critical
        logger.error("unheard")
        own.error("third")
        for message in ["first", "second", "third"] { #expect(await backend.next()?.message == message) }
    }

    @Test("Metadata become fields: given before provided before the logger's own")
    func metadata() async throws {
        let (log, backend) = makeLog()
        var logger = Logger(label: "library") {
            JournalLogHandler(
                label: $0, log: log,
                metadataProvider: Logger.MetadataProvider { ["b": "provided", "c": "provided"] })
        }
        logger[metadataKey: "a"] = "own"
        logger[metadataKey: "b"] = "own"
        logger.info("m", metadata: ["c": "given", "d": .stringConvertible(4)])
        let record = try #require(await backend.next())
        #expect(record.fields.texts == ["a=own", "b=provided", "c=given", "d=4", "logger=library"])
    }

    @Test("An error becomes a field")
    func error() async throws {
        let (log, backend) = makeLog()
        log.logger(label: "library").error("m", error: Failure())
        #expect(try #require(await backend.next()).fields.texts == ["error=it broke", "logger=library"])
    }
}
