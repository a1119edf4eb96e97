import Foundation
import SagaTestSupport
import Testing
import Wire

/// `webhooks.py`: it verifies each webhook with the public library, answers as it is told, and remembers what it got across its own death.
struct WebhookReceiver: Sendable {
    struct Webhook: Sendable {
        let id: String
        let order: JSONValue
        /// What the library found wrong with it.
        let problem: String?
        /// What it was answered.
        let status: Int64
        let path: String
    }

    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU"

    let port: Int
    private let process: ProgramProcess
    private let record: String

    /// - Parameters:
    ///   - port: of one that ran before.
    ///   - certificate: in PEM, with its key; for TLS.
    init(in directory: TestDirectory, port: Int? = nil, certificate: String? = nil) throws {
        let record = "\(directory.path)/webhooks"
        let port = try port ?? FreePort.choose()
        process = try Python.start(
            "webhooks.py", ["\(port)", WebhookReceiver.secret, record] + (certificate.map { [$0] } ?? []), in: directory, label: "receiver")
        self.port = port
        self.record = record
    }

    func ready() async throws {
        try await eventually("the receiver answers") { try await HTTPClient(.tcp(port: port)).get("/").status == 404 ? () : nil }
    }

    func crash() async throws {
        process.signal(SIGKILL)
        try await process.exited()
    }

    /// What it answers to an order's webhook, or to all others (`*`).
    func behave(_ behaviours: String) throws {
        try Data(behaviours.utf8).write(to: URL(fileURLWithPath: record + ".behaviour"), options: .atomic)
    }

    /// All that came, in order.
    var webhooks: [Webhook] {
        get throws {
            guard let text = try? String(contentsOfFile: record, encoding: .utf8) else { return [] }
            return try text.split(separator: "\n").map { line in
                let line = try JSONValue(parsing: Array(line.utf8))
                return Webhook(
                    id: line["id"]?.string ?? "", order: line["order"] ?? .null, problem: line["problem"]?.string,
                    status: line["status"]?.integer ?? 0, path: line["path"]?.string ?? "")
            }
        }
    }

    /// Those of an order, once there are so many.
    @discardableResult
    func webhooks(of order: String, atLeast count: Int = 1) async throws -> [Webhook] {
        try await eventually("\(count) webhooks of \(order)", within: .seconds(60)) {
            let found = try webhooks.filter { $0.order["orderId"]?.string == order }
            return found.count >= count ? found : nil
        }
    }

    /// What makes the order service send to it. The secret is where systemd would have put it.
    ///
    /// - Parameter timeout: as long as a busy machine may take, or what is sent twice is no fault.
    func environment(
        in directory: TestDirectory, url: String? = nil, timeout: String = "60s", more: [String: String] = [:]
    ) throws -> [String: String] {
        let credentials = "\(directory.path)/credentials"
        try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
        _ = try directory.write(WebhookReceiver.secret + "\n", to: "credentials/webhook.secret")
        return [
            "CREDENTIALS_DIRECTORY": credentials, "SAGAD_ORDER_WEBHOOK_URL": url ?? "http://127.0.0.1:\(port)/hook?of=orders",
            "SAGAD_ORDER_WEBHOOK_TIMEOUT": timeout,
        ].merging(more) { $1 }
    }
}
