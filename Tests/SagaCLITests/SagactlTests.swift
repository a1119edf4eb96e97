import SagaTestSupport
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import AdminStub
import Foundation
import Testing
import Wire

/// The built program against daemons that answer as told: arguments in, streams and exit code out.
@Suite struct SagactlTests {
    let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    private static func json(_ value: some Encodable) -> StubDaemon.Reply {
        .json((try? AdminJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    private static func order(_ status: Order.Status, _ id: String = "o-1", reason: String? = nil) -> Order {
        Order(
            orderId: id, userId: 1, productId: 1, quantity: 1, amount: 1000, status: status, reason: reason,
            createdAt: "2026-01-31T12:00:00.000Z", updatedAt: "2026-01-31T12:00:00.000Z")
    }

    private static let letter = letter("d-1", .payment, .missingID)

    private static func letter(_ id: String, _ service: ServiceName, _ kind: DeadLetterKind, behind head: String? = nil) -> DeadLetter {
        DeadLetter(
            id: id, service: service, kind: kind, parkedBehind: head, topic: "order-events", partition: 0, offset: 1, orderId: "o-1",
            valueBase64: "eA==", reason: "no id", attempts: 1, createdAt: "2026-01-31T12:00:00.000Z")
    }

    private func daemon(_ service: ServiceName, _ answers: [String: StubDaemon.Reply] = [:]) async throws -> StubDaemon {
        try await StubDaemon(service, in: directory.path, answers: answers)
    }

    private func sagactl(_ line: String, output: FileHandle? = nil) async throws -> SagactlProcess.Outcome {
        try await SagactlProcess.run(
            line.split(separator: " ").map(String.init) + ["--runtime-directory", directory.path], output: output)
    }

    // MARK: Usage

    @Test(arguments: [
        "bogus", "status --bogus", "orders show", "orders list --limit 0", "orders list --status LOST",
        "orders create --user 0 --product 1 --quantity 1 --amount 1", "orders create --user 1 --product 1 --quantity 1",
        "orders create --user 1 --product 1 --quantity 1 --amount 9007199254740992",
        "orders create --user 1 --product 1 --quantity 1 --amount 1 --wait 10", "inventory set 1", "inventory set 1 --available -1",
        "orders --limit -1", "inventory set 1 --available +50", "inventory add 1", "inventory add 1 --by x",
        "dead-letters retry d-1 --kind schema", "dead-letters discard --all", "dead-letters discard d-1 --all --yes", "help nosuch",
        "dead-letters --before yesterday", "events republish", "events republish --since yesterday",
        "events republish --order o --since 2026-01-31T12:00:00Z",
        "log-level loud", "log-level info --service mail", "dead-letters discard d-1", "dead-letters retry",
        "dead-letters retry d-1 --all", "dead-letters retry d-1 --service order", "trace", "top --json",
    ])
    func `a usage error exits 64 and says what is expected`(line: String) async throws {
        let outcome = try await sagactl(line)
        #expect(outcome.code == 64)
        #expect(outcome.output == "" || line.contains("--json"))
        #expect(outcome.errors.hasPrefix("sagactl: "))
    }

    @Test(arguments: [
        ("staus", "there is no command sagactl staus: did you mean sagactl status?"),
        ("orders watsh o-1", "there is no command sagactl orders watsh: did you mean sagactl orders watch?"),
        ("--json orders --runtime-directory x lst", "there is no command sagactl orders lst: did you mean sagactl orders list?"),
        ("help dead-leters", "there is no command sagactl dead-leters: did you mean sagactl dead-letters?"),
        ("events nonsense", "there is no command sagactl events nonsense: there are republish"),
        ("orders --limit -1", "The value '-1' is invalid for '--limit <n>': expected a whole number from 1 to 1000000, without a sign"),
    ])
    func `what is mistyped is named, with what may have been meant`(line: String, message: String) async throws {
        let outcome = try await sagactl(line)
        #expect(outcome.code == 64)
        #expect(outcome.errors.split(separator: "\n").first == "sagactl: \(message)")
    }

    @Test(arguments: [
        ("staus --json", 64, "there is no command sagactl staus"), ("orders show --json", 64, "Missing expected argument '<id>'"),
        ("inventory --json", 69, "inventory: no socket at DIR/inventory/admin.sock"),
    ])
    func `with --json a failure is one document`(line: String, code: Int, message: String) async throws {
        let outcome = try await sagactl(line)
        #expect(Int(outcome.code) == code)
        let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: [String: Any]]
        let error = try #require(document?["error"])
        #expect(error["code"] as? Int == code)
        #expect((error["message"] as? String) == message.replacingOccurrences(of: "DIR", with: directory.path))
        #expect((error["advice"] as? String)?.isEmpty == false)
        #expect(outcome.errors.hasPrefix("sagactl: "))
    }

    @Test func `text from outside cannot move the cursor on standard error either`() async throws {
        let stub = try await daemon(.order, ["GET /orders/o-1": .problem(status: 409, detail: "a\u{1B}[2J\u{202E}b")])
        #expect(try await sagactl("orders show o-1").errors == #"sagactl: a\u{1b}[2J\u{202e}b"# + "\n")
        let document = try await sagactl("orders show o-1 --json").output
        #expect(document == #"{"error":{"code":1,"message":"a\u001b[2J\u202eb"}}"# + "\n")
        try await stub.stop()
    }

    @Test func `a runtime directory that is not there is named as such, once`() async throws {
        let outcome = try await SagactlProcess.run(["status", "--runtime-directory", directory.path + "/none"])
        #expect(outcome.code == 2)
        #expect(outcome.errors.hasPrefix("sagactl: there is no runtime directory \(directory.path)/none: "))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func `a broken configuration file keeps nobody from asking`() async throws {
        let file = directory.path + "/broken.yaml"
        try Data("transport: [\n".utf8).write(to: URL(fileURLWithPath: file))
        let stub = try await daemon(.order, ["GET /orders?limit=50": Self.json(OrderPage(orders: []))])
        let outcome = try await sagactl("orders --config \(file)")
        #expect(outcome.code == 0)
        #expect(outcome.errors == "")
        let asked = try await SagactlProcess.run(["status", "--json", "--config", file])
        #expect(asked.output.hasPrefix(#"{"overall":"#))
        #expect(asked.errors.hasPrefix("sagactl: \(file)"))
        #expect(asked.errors.contains("asking the sockets in /run/sagad"))
        try await stub.stop()
    }

    @Test(arguments: ["--help", "orders", "orders --json"])
    func `output that cannot be written is a failure`(line: String) async throws {
        let stub = try await daemon(.order, ["GET /orders?limit=50": Self.json(OrderPage(orders: []))])
        let outcome = try await sagactl(line, output: FileHandle(forWritingAtPath: "/dev/full"))
        #expect(outcome.code == 74)
        #expect(outcome.errors == "sagactl: cannot write to standard output: No space left on device\n")
        try await stub.stop()
    }

    @Test(arguments: ["--help", "orders", "orders --json"])
    func `output that nobody reads any more ends the command quietly`(line: String) async throws {
        let stub = try await daemon(.order, ["GET /orders?limit=50": Self.json(OrderPage(orders: []))])
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let outcome = try await sagactl(line, output: pipe.fileHandleForWriting)
        #expect(outcome.code == SIGPIPE)
        #expect(outcome.errors == "")
        try await stub.stop()
    }

    @Test(arguments: ["--help", "orders --help", "dead-letters discard --help", "--version", "--generate-completion-script=bash"])
    func `help and version are no failure`(line: String) async throws {
        let outcome = try await sagactl(line)
        #expect(outcome.code == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.errors == "")
    }

    // MARK: Nobody there

    @Test(arguments: [
        "orders", "orders show o-1", "orders cancel o-1", "orders watch o-1", "orders create --user 1 --product 1 --quantity 1 --amount 1",
        "trace o-1", "inventory", "inventory set 1 --available 1", "payments", "payments show o-1", "dead-letters", "dead-letters show d-1",
        "dead-letters retry d-1", "dead-letters discard d-1 --yes", "events republish --order o-1", "reconcile", "log-level info",
    ])
    func `a missing daemon exits 69 and says how to start it`(line: String) async throws {
        let outcome = try await sagactl(line)
        #expect(outcome.code == 69)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("sagactl: "))
        #expect(outcome.errors.contains("systemctl start saga-"))
        #expect(outcome.errors.contains(directory.path))
    }

    @Test(arguments: [
        ["--runtime-directory", "DIR", "orders", "list", "--json"], ["orders", "--runtime-directory", "DIR", "list", "--json"],
        ["orders", "list", "--json", "--runtime-directory=DIR"], ["--json", "--runtime-directory", "DIR", "orders"],
        ["orders", "--json", "--runtime-directory", "DIR"],
    ])
    func `options shared by all commands stand anywhere`(arguments: [String]) async throws {
        let stub = try await daemon(.order, ["GET /orders?limit=50": Self.json(OrderPage(orders: []))])
        let outcome = try await SagactlProcess.run(arguments.map { $0.replacingOccurrences(of: "DIR", with: directory.path) })
        #expect(outcome.code == 0)
        #expect(outcome.output == "{\"orders\":[]}\n")
        try await stub.stop()
    }

    @Test func `the environment names the directory, and the option beats it`() async throws {
        let stub = try await daemon(.order, ["GET /orders?limit=50": Self.json(OrderPage(orders: []))])
        let named = try await SagactlProcess.run(["orders"], environment: ["SAGAD_RUNTIME_DIRECTORY": directory.path])
        #expect(named.code == 0)
        let beaten = try await SagactlProcess.run(
            ["orders", "--runtime-directory", directory.path], environment: ["SAGAD_RUNTIME_DIRECTORY": "/nowhere"])
        #expect(beaten.code == 0)
        try await stub.stop()
    }

    // MARK: Status

    @Test(arguments: [(.ready, 0), (.degraded, 1), (.stopping, 1), (nil, 2)] as [(ServiceStatus.State?, Int32)])
    func `status exits with the worst state`(payment: ServiceStatus.State?, code: Int32) async throws {
        var stubs: [StubDaemon] = []
        for service in ServiceName.allCases {
            guard let state = service == .payment ? payment : .ready else { continue }
            stubs.append(try await daemon(service, ["GET /status": Self.json(ServiceStatus(service: service, state: state))]))
        }
        let outcome = try await sagactl("status --json")
        #expect(outcome.code == code)
        let overall = payment?.rawValue ?? "down"
        let services =
            #"{"service":"order","state":"ready"},{"service":"inventory","state":"ready"},"#
            + (payment == nil
                ? #"{"advice":"is saga-payment running? systemctl start saga-payment","service":"payment","state":"down"}"#
                : #"{"service":"payment","state":"\#(overall)"}"#)
        #expect(outcome.output == #"{"overall":"\#(overall)","services":[\#(services)]}"# + "\n")
        for stub in stubs { try await stub.stop() }
    }

    // MARK: Orders

    @Test func `a list longer than a page follows the cursor`() async throws {
        let orders = (1...3).map { Self.order(.approved, "o-\($0)") }
        let stub = try await daemon(
            .order,
            [
                "GET /orders?status=APPROVED&limit=3": Self.json(OrderPage(orders: Array(orders[..<2]), nextCursor: "c")),
                "GET /orders?status=APPROVED&limit=1&cursor=c": Self.json(OrderPage(orders: [orders[2]], nextCursor: "d")),
            ])
        let outcome = try await sagactl("orders --status approved --limit 3 --json")
        #expect(outcome.code == 0)
        let page = try AdminJSON.decode(OrderPage.self, from: Data(outcome.output.utf8))
        #expect(page == OrderPage(orders: orders, nextCursor: "d"))
        try await stub.stop()
    }

    @Test func `an unknown order exits 1 and a refused cancellation too`() async throws {
        let stub = try await daemon(.order, ["POST /orders/o-1/cancel": .problem(status: 409, detail: "the order is APPROVED")])
        #expect(try await sagactl("orders show o-2").code == 1)
        let canceled = try await sagactl("orders cancel o-1 --json")
        #expect(canceled.code == 1)
        #expect(canceled.output == #"{"error":{"code":1,"message":"the order is APPROVED"}}"# + "\n")
        #expect(canceled.errors == "sagactl: the order is APPROVED\n")
        try await stub.stop()
    }

    @Test(arguments: [(.approved, nil, 0), (.canceled, "PAYMENT_FAILED", 1), (.pending, nil, 1)] as [(Order.Status, String?, Int32)])
    func `create waits for the outcome and exits with it`(status: Order.Status, reason: String?, code: Int32) async throws {
        let final = Self.order(status, reason: reason)
        let stub = try await StubDaemon(socketPath: socket(.order)) { request in
            request.method == "POST" ? Self.json(Self.order(.pending)) : Self.json(final)
        }
        let outcome = try await sagactl("orders create --user 1 --product 1 --quantity 1 --amount 1000 --wait 50ms --json")
        #expect(outcome.code == code)
        #expect(try AdminJSON.decode(Order.self, from: Data(outcome.output.utf8)) == final)
        #expect(stub.requests.first?.body == #"{"amount":1000,"productId":1,"quantity":1,"userId":1}"#)
        try await stub.stop()
    }

    @Test(arguments: [("", "--idempotency-key"), (" --idempotency-key k", "safe to run the same command again")])
    func `a connection lost while creating says whether to try again`(option: String, advice: String) async throws {
        let stub = try await StubDaemon(socketPath: socket(.order)) { _ in .hangUp }
        let outcome = try await sagactl("orders create --user 1 --product 1 --quantity 1 --amount 1000" + option)
        #expect(outcome.code == 69)
        #expect(outcome.errors.contains(advice))
        #expect(stub.requests.count == 1)
        try await stub.stop()
    }

    @Test func `watch prints the state at once and then the change, a document a line`() async throws {
        let stub = try await daemon(
            .order,
            ["GET /orders/o-1": Self.json(Self.order(.pending)), "GET /orders/o-1?wait=60000ms": Self.json(Self.order(.approved))])
        let outcome = try await sagactl("orders watch o-1 --json")
        #expect(outcome.code == 0)
        let states = try outcome.output.split(separator: "\n").map { try AdminJSON.decode(Order.self, from: Data($0.utf8)).status }
        #expect(states == [.pending, .approved])
        try await stub.stop()
    }

    @Test func `watch and create --wait go on across a restart`() async throws {
        for line in ["orders watch o-1 --json", "orders create --user 1 --product 1 --quantity 1 --amount 1 --wait 60s --json"] {
            let path = try socket(.order)
            let asked = AsyncStream.makeStream(of: Void.self)
            let first = try await StubDaemon(socketPath: path) { request in
                guard request.target.contains("wait=") else { return Self.json(Self.order(.pending)) }
                asked.continuation.yield()
                return .hangUp
            }
            async let running = sagactl(line)
            for await _ in asked.stream { break }
            // Both the one that ended and the one that is not there yet are part of a restart.
            try await first.stop()
            try? FileManager.default.removeItem(atPath: path)
            let second = try await StubDaemon(socketPath: path) { _ in Self.json(Self.order(.approved)) }
            let outcome = try await running
            #expect(outcome.code == 0)
            let last = try #require(outcome.output.split(separator: "\n").last)
            #expect(try AdminJSON.decode(Order.self, from: Data(last.utf8)).status == .approved)
            #expect(outcome.errors.contains("waiting for it to come back"))
            try await second.stop()
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    // MARK: Trace

    @Test func `a trace names the daemons that are missing`() async throws {
        let stub = try await daemon(
            .order, ["GET /trace/\(SagaFixture.orderId)": Self.json(SagaFixture.orderApproved)])
        let outcome = try await sagactl("trace \(SagaFixture.orderId) --json")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains(#""unreachable":["inventory","payment"],"waitingFor":[]"#))
        #expect(try await sagactl("trace other").code == 1)
        try await stub.stop()
    }

    // MARK: Dead letters

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

    @Test func `the log level is set at one service`() async throws {
        let stub = try await daemon(.payment, ["PUT /log-level": .json("", status: 204)])
        let outcome = try await sagactl("log-level debug --service payment")
        #expect(outcome.code == 0)
        #expect(outcome.output == "")
        #expect(stub.requests.map(\.body) == [#"{"logLevel":"debug"}"#])
        try await stub.stop()
    }

    @Test func `stock is set and shown`() async throws {
        let product = Product(productId: 1, available: 5, reserved: 0, sold: 0)
        let stub = try await daemon(.inventory, ["PUT /stock/1": Self.json(product)])
        let outcome = try await sagactl("inventory set 1 --available 5 --json")
        #expect(outcome.code == 0)
        #expect(outcome.output == #"{"available":5,"productId":1,"reserved":0,"sold":0}"# + "\n")
        #expect(stub.requests.map(\.body) == [#"{"available":5}"#])
        try await stub.stop()
    }

    @Test func `stock is added to, and taken from`() async throws {
        let product = Product(productId: 1, available: 5, reserved: 0, sold: 0)
        let stub = try await daemon(.inventory, ["POST /stock/1/adjust": Self.json(product)])
        for (by, number) in [("5", "5"), ("-3", "-3"), ("+7", "7")] {
            #expect(try await sagactl("inventory add 1 --by \(by)").code == 0)
            #expect(stub.requests.last?.body == #"{"by":\#(number)}"#)
        }
        try await stub.stop()
    }

    @Test func `top without a terminal prints one frame`() async throws {
        let outcome = try await sagactl("top")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("payment    down"))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    private func socket(_ service: ServiceName) throws -> String {
        let path = service.adminSocket(in: directory.path)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        return path
    }
}
