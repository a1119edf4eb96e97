import Foundation
import Testing

@testable import SagaConfiguration

@Suite struct GatewayCredentialTests {
    private func load(_ token: String?) throws -> Configuration {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sagad-credentials-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try token?.write(to: directory.appending(path: "payment.gateway-token"), atomically: true, encoding: .utf8)
        return try Configuration.load(file: "/dev/null", environment: ["CREDENTIALS_DIRECTORY": directory.path])
    }

    @Test func `the token is one line`() throws {
        #expect(try load("hunter2\r\n").payment.gateway.token == Secret("hunter2"))
        #expect(try load(nil).payment.gateway.token == nil)
    }

    @Test func `the token is never shown`() throws {
        let configuration = try load("hunter2\n")
        #expect(!configuration.effective(hidingSecrets: false).json.contains("hunter"))
        var text = "\(configuration) \(String(reflecting: configuration)) \(configuration.payment.gateway.token!)"
        dump(configuration, to: &text)
        #expect(!text.contains("hunter"))
    }

    @Test(arguments: ["", "\n", "hunter 2\n", "hunter2\nhunter3\n", "hünter\n", "hunter2\u{0}\n"])
    func `what cannot be a token is an error that does not show it`(_ token: String) {
        let error = #expect(throws: ConfigurationError.self) { try load(token) }
        #expect(error?.description.contains("is not a token") == true)
        #expect(error?.description.contains("hunter") == false)
    }
}
