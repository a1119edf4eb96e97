import Foundation
import Testing

@testable import SagaConfiguration

@Suite("Secrets that systemd hands over")
struct KafkaCredentialsTests {
    private func load(_ contents: String?) throws -> Configuration {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sagad-credentials-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        if let contents { try contents.write(to: directory.appending(path: "kafka.properties"), atomically: true, encoding: .utf8) }
        let file = directory.appending(path: "sagad.yaml")
        try "kafka: { properties: { sasl.username: somebody } }\n".write(to: file, atomically: true, encoding: .utf8)
        return try Configuration.load(file: file.path, environment: ["CREDENTIALS_DIRECTORY": directory.path])
    }

    @Test("A property a line; spaces, empty lines and remarks do not count")
    func properties() throws {
        let configuration = try load("# for the broker\n\n sasl.username = saga \r\nsasl.password=a = b#c\n")
        #expect(configuration.kafka.credentials == ["sasl.username": "saga", "sasl.password": "a = b#c"])
    }

    @Test("Without a credential there is none")
    func none() throws {
        #expect(try load(nil).kafka.credentials.isEmpty)
        #expect(try Configuration.load(file: "/dev/null", environment: [:]).kafka.credentials.isEmpty)
    }

    @Test("A credential is never shown")
    func hidden() throws {
        let shown = try load("sasl.username=hunter1\nssl.keystore.location=hunter2\n").effective(hidingSecrets: false).json
        #expect(!shown.contains("hunter"))
    }

    @Test("A line that is no property is an error that names the line and does not show it")
    func malformed() {
        let error = #expect(throws: ConfigurationError.self) {
            try load("sasl.username=saga\nhunter2\n=hunter3\nsasl.password=hunter\u{0}4\n")
        }
        #expect(error?.problems.map(\.origin.description).map { $0.suffix(2) } == [":2", ":3", ":4"])
        #expect(error?.description.contains("hunter") == false)
    }
}
