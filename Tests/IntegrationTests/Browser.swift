import Foundation
import SagaTestSupport
import Testing

/// A real Chromium without a window, driven by its DevTools protocol over two pipes: JSON documents, each ended by a zero byte.
final class Browser: Sendable {
    private struct Message: Decodable, Sendable {
        let id: Int?
        let method: String?
        let result: Result?
        let params: Params?

        struct Result: Decodable, Sendable {
            let targetId: String?
            let sessionId: String?
            let result: Value?
            let exceptionDetails: Details?
        }

        struct Value: Decodable, Sendable { let value: String? }

        struct Details: Decodable, Sendable {
            let text: String
            let exception: Exception?

            struct Exception: Decodable, Sendable { let description: String? }
        }

        struct Params: Decodable, Sendable {
            let exceptionDetails: Details?
            let entry: Entry?
        }

        struct Entry: Decodable, Sendable {
            let source: String
            let text: String
        }
    }

    private let program: ProgramProcess
    private let input: FileHandle
    private let output: FileHandle
    private let answers = Observed<[Int: Message]>([:])
    private let numbers = Observed(0)
    /// What the page did wrong: exceptions nobody caught, and what the browser kept it from.
    let faults = Observed<[String]>([])
    private let session = Observed<String?>(nil)

    init(in directory: String) async throws {
        let (commands, replies) = ("\(directory)/devtools.in", "\(directory)/devtools.out")
        for path in [commands, replies] { try #require(mkfifo(path, 0o600) == 0) }
        // Open for both: so neither end waits for the other to come.
        input = FileHandle(fileDescriptor: open(commands, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
        output = FileHandle(fileDescriptor: open(replies, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
        let options = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
            "--user-data-dir=\(directory)/chromium",
        ]
        program = try ProgramProcess.$directory.withValue("/bin") {
            try ProgramProcess(
                "sh", ["-c", #"exec chromium "$@" 3<"$0/devtools.in" 4>"$0/devtools.out""#, directory] + options,
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory], in: directory, label: "chromium")
        }
        let (buffer, answers, faults) = (Observed(Data()), answers, faults)
        output.readabilityHandler = { handle in
            let bytes = handle.availableData
            buffer.change { buffer in
                buffer.append(bytes)
                while let end = buffer.firstIndex(of: 0) {
                    Browser.take(buffer[..<end], answers, faults)
                    buffer = Data(buffer[(end + 1)...])
                }
            }
        }
        let target = try await ask("Target.createTarget", ["url": "about:blank"])
        let attached = try await ask("Target.attachToTarget", ["targetId": try #require(target?.targetId), "flatten": true])
        session.change { $0 = attached?.sessionId }
        for domain in ["Page", "Runtime", "Log"] { try await ask("\(domain).enable") }
        try await ask("Emulation.setDeviceMetricsOverride", ["width": 1280, "height": 1000, "deviceScaleFactor": 1, "mobile": false])
    }

    private static func take(_ bytes: Data, _ answers: Observed<[Int: Message]>, _ faults: Observed<[String]>) {
        guard let message = try? JSONDecoder().decode(Message.self, from: bytes) else { return }
        if let id = message.id { answers.change { $0[id] = message } }
        if let details = message.params?.exceptionDetails { faults.append(details.exception?.description ?? details.text) }
        // A connection that is refused is nobody's fault.
        if let entry = message.params?.entry, entry.source != "network" { faults.append("\(entry.source): \(entry.text)") }
    }

    /// A browser for one test.
    static func run(in directory: String, _ body: (Browser) async throws -> Void) async throws {
        let browser = try await Browser(in: directory)
        try await body(browser)
        _ = try? await browser.ask("Browser.close", inPage: false)
        try await browser.program.exited()
        browser.output.readabilityHandler = nil
    }

    func visit(_ address: String) async throws {
        try await ask("Page.navigate", ["url": address])
    }

    /// What an expression comes to, as a text.
    func value(_ expression: String) async throws -> String {
        let answer = try await ask("Runtime.evaluate", ["expression": "String(\(expression))", "returnByValue": true])
        if let details = answer?.exceptionDetails { throw Failed(description: details.exception?.description ?? details.text) }
        return answer?.result?.value ?? ""
    }

    /// Returns when an expression has come true.
    func sees(_ what: String, _ expression: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually(what, sourceLocation: sourceLocation) { try await value("Boolean(\(expression))") == "true" ? () : nil }
    }

    func press(_ key: String) async throws {
        for type in ["keyDown", "keyUp"] {
            try await ask(
                "Input.dispatchKeyEvent", ["type": type, "key": key, "code": key, "windowsVirtualKeyCode": 13, "text": "\r"])
        }
    }

    @discardableResult
    private func ask(_ method: String, _ parameters: [String: Any] = [:], inPage: Bool = true) async throws -> Message.Result? {
        let number = Observed(0)
        numbers.change { numbers in
            numbers += 1
            let next = numbers
            number.change { $0 = next }
        }
        let id = number.state
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        if inPage, let session = session.state { message["sessionId"] = session }
        try input.write(contentsOf: try JSONSerialization.data(withJSONObject: message) + [0])
        return try await answers.wait(for: "answer of Chromium to \(method)") { $0.removeValue(forKey: id) }.result
    }

    private struct Failed: Error, CustomStringConvertible { let description: String }
}
