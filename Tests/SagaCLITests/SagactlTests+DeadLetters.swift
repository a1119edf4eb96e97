import SagaTestSupport
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import AdminStub
import Foundation
import Testing
import Wire

extension SagactlTests {
    private static let letter = letter("d-1", .payment, .missingID)

    private static func letter(_ id: String, _ service: ServiceName, _ kind: DeadLetterKind, behind head: String? = nil) -> DeadLetter {
        DeadLetter(
            id: id, service: service, kind: kind, parkedBehind: head, topic: "order-events", partition: 0, offset: 1, orderId: "o-1",
            valueBase64: "eA==", reason: "no id", attempts: 1, createdAt: "2026-01-31T12:00:00.000Z")
    }

    @Test func `a dead letter is found at its daemon, retried and discarded`() async throws {
        let others = [try await daemon(.order), try await daemon(.inventory)]
        let stub = try await daemon(
            .payment,
            [
                "GET /dead-letters/d-1": Self.json(Self.letter),
                "POST /dead-letters/d-1/retry": .problem(status: 409, detail: "still no id"),
                "DELETE /dead-letters/d-1": .json("", status: 204),
                "GET /dead-letters/d-3": Self.json(Self.letter("d-3", .payment, .missingID)),
                "POST /dead-letters/d-3/retry": Self.json(RetryResult(id: "d-3", outcome: .applied)),
            ])
        let retried = try await sagactl("dead-letters retry d-1")
        #expect(retried.code == 1)
        #expect(retried.errors == "sagactl: payment: it failed again: still no id\n")
        let failed = try await sagactl("dead-letters retry d-1 --json")
        #expect(failed.code == 1)
        #expect(failed.output == #"{"id":"d-1","outcome":"failed","reason":"still no id","service":"payment"}"# + "\n")
        let other = try await sagactl("dead-letters retry d-3 --json")
        #expect(other.code == 0)
        #expect(other.output == #"{"id":"d-3","outcome":"applied","service":"payment"}"# + "\n")
        let discarded = try await sagactl("dead-letters discard d-1 --yes --json")
        #expect(discarded.code == 0)
        #expect(discarded.output == #"{"id":"d-1","outcome":"discarded","service":"payment"}"# + "\n")
        #expect(try await sagactl("dead-letters show d-2").code == 1)
        for stub in others + [stub] { try await stub.stop() }
    }

    @Test func `many dead letters are settled by the daemons, and the numbers added up`() async throws {
        let stubs = [
            try await daemon(
                .order,
                [
                    "POST /dead-letters/retry": Self.json(DeadLettersRetried(matched: 3, retried: 2, failed: 1)),
                    "POST /dead-letters/discard": Self.json(DeadLettersDiscarded(matched: 3, discarded: 3, failed: 0)),
                ]),
            try await daemon(.inventory, ["POST /dead-letters/retry": Self.json(DeadLettersRetried(matched: 0, retried: 0, failed: 0))]),
            try await daemon(.payment, ["POST /dead-letters/retry": Self.json(DeadLettersRetried(matched: 2, retried: 2, failed: 0))]),
        ]
        let all = try await sagactl("dead-letters retry --all --json")
        #expect(all.code == 1)
        #expect(all.output == #"{"failed":1,"matched":5,"retried":4}"# + "\n")
        #expect(all.errors.contains("1 could not be handled"))
        #expect(stubs[0].requests.last?.body == "{}")
        let payment = try await sagactl(
            "dead-letters retry --all --service payment --kind schema --topic t --before 2026-01-31T12:00:00Z --dry-run")
        #expect(payment.code == 0)
        #expect(stubs[2].requests.last?.body == #"{"before":"2026-01-31T12:00:00Z","dryRun":true,"kind":"schema","topic":"t"}"#)
        #expect(try await sagactl("dead-letters retry --all --service inventory").output == "no dead letters\n")
        let discarded = try await sagactl("dead-letters discard --all --service order --yes --json")
        #expect(discarded.code == 0)
        #expect(discarded.output == #"{"discarded":3,"failed":0,"matched":3}"# + "\n")
        for stub in stubs { try await stub.stop() }
    }

    @Test func `a daemon that fails is not one that has no such dead letter`() async throws {
        let broken = StubDaemon.Reply.problem(status: 500, detail: "an unexpected error")
        let stubs = [try await daemon(.order), try await daemon(.inventory), try await daemon(.payment, ["GET /dead-letters/d-2": broken])]
        for line in ["show d-2", "retry d-2", "discard d-2 --yes"] {
            let outcome = try await sagactl("dead-letters \(line)")
            #expect(outcome.code == 69)
            #expect(outcome.errors == "sagactl: payment: an unexpected error\n")
        }
        #expect(try await sagactl("dead-letters show d-3").code == 1)
        for stub in stubs { try await stub.stop() }
    }

    @Test func `a list of dead letters is read page by page`() async throws {
        let pages = (1...3).map { page in
            DeadLetterList(deadLetters: [Self.letter("d-\(page)", .order, .schema)], nextCursor: page < 3 ? "c\(page)" : nil)
        }
        let stub = try await daemon(
            .order,
            [
                "GET /dead-letters?kind=schema&limit=100": Self.json(pages[0]),
                "GET /dead-letters?kind=schema&limit=100&cursor=c1": Self.json(pages[1]),
                "GET /dead-letters?kind=schema&limit=100&cursor=c2": Self.json(pages[2]),
            ])
        let json = try await sagactl("dead-letters --service order --kind schema --json")
        #expect(json.code == 0)
        #expect(
            try AdminJSON.decode(DeadLetterList.self, from: Data(json.output.utf8))
                == DeadLetterList(deadLetters: pages.flatMap(\.deadLetters)))
        let table = try await sagactl("dead-letters --service order --kind schema")
        #expect(table.output.hasPrefix("schema: 3"))
        try await stub.stop()
    }

    @Test func `dead letters of the daemons that answer are listed`() async throws {
        let stub = try await daemon(.payment, ["GET /dead-letters?limit=100": Self.json(DeadLetterList(deadLetters: [Self.letter]))])
        let outcome = try await sagactl("dead-letters --json")
        #expect(outcome.code == 0)
        #expect(try AdminJSON.decode(DeadLetterList.self, from: Data(outcome.output.utf8)).deadLetters == [Self.letter])
        #expect(outcome.errors.contains("saga-order") && outcome.errors.contains("saga-inventory"))
        // What a daemon that cannot be asked has is not known to be unknown.
        #expect(try await sagactl("dead-letters show d-2").code == 69)
        try await stub.stop()
    }

    // MARK: The rest

    @Test func `republishing sums up and names who was missing`() async throws {
        let answer = Self.json(RepublishResult(queued: 2))
        var stubs = [
            try await daemon(.order, ["POST /events/republish": answer]), try await daemon(.inventory, ["POST /events/republish": answer]),
        ]
        let partial = try await sagactl("events republish --since 2026-01-31T12:00:00Z --json")
        #expect(partial.code == 69)
        #expect(partial.output == "{\"queued\":4}\n")
        #expect(partial.errors.contains("saga-payment"))
        stubs.append(try await daemon(.payment))
        let whole = try await sagactl("events republish --order o-1 --json")
        #expect(whole.code == 0)
        #expect(whole.output == "{\"queued\":4}\n")
        #expect(stubs[0].requests.map(\.body) == [#"{"since":"2026-01-31T12:00:00Z"}"#, #"{"orderId":"o-1"}"#])
        for stub in stubs { try await stub.stop() }
    }

    @Test func `an order of which nobody has an event is not republished`() async throws {
        let stubs = [
            try await daemon(.order, ["POST /events/republish": Self.json(RepublishResult(queued: 0))]), try await daemon(.inventory),
            try await daemon(.payment),
        ]
        let outcome = try await sagactl("events republish --order o-1")
        #expect(outcome.code == 1)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("no daemon has an event of order o-1"))
        for stub in stubs { try await stub.stop() }
    }
}
