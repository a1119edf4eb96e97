import SagaTestSupport
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

    static func json(_ value: some Encodable) -> StubDaemon.Reply {
        .json((try? AdminJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    static func order(_ status: Order.Status, _ id: String = "o-1", reason: String? = nil) -> Order {
        Order(
            orderId: id, userId: 1, productId: 1, quantity: 1, amount: 1000, status: status, reason: reason,
            createdAt: "2026-01-31T12:00:00.000Z", updatedAt: "2026-01-31T12:00:00.000Z")
    }

    func daemon(_ service: ServiceName, _ answers: [String: StubDaemon.Reply] = [:]) async throws -> StubDaemon {
        try await StubDaemon(service, in: directory.path, answers: answers)
    }

    func sagactl(_ line: String, output: FileHandle? = nil) async throws -> SagactlProcess.Outcome {
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

    func socket(_ service: ServiceName) throws -> String {
        let path = service.adminSocket(in: directory.path)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        return path
    }
}
