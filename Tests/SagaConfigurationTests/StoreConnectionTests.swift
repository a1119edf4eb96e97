import Foundation
import Saga
import Testing

@testable import SagaConfiguration

@Suite struct StoreConnectionTests {
    @Test(arguments: [
        ("host=a password=geheim user=b", "host=a password=*** user=b"),
        ("PASSWORD = 'ge\\' heim' user=b", "PASSWORD = *** user=b"),
        ("password='geheim", "password=***"),
        ("password=ge\\ heim user=b", "password=*** user=b"),
        ("postgresql://b:geheim@a/c?sslmode=require&password=geheim", "postgresql://***@a/c?***"),
        ("host=a user=b", "host=a user=b"),
    ])
    func `a password in the connection string is not shown`(_ connection: String, _ shown: String) {
        var configuration = Configuration.default
        configuration.store.connection = connection
        #expect(!"\(configuration)".contains("heim"))
        let text = configuration.effective().json
        #expect(!text.contains("heim"), "\(text)")
        #expect(URLSecrets.hiddenInConnection(connection) == shown)
    }

    @Test func `each service has a connection of its own`() {
        var configuration = Configuration.default
        configuration.store.connection = "dbname=sagad_{service} application_name={service}"
        #expect(configuration.store.connection(of: .order) == "dbname=sagad_order application_name=order")
    }

    @Test(arguments: [("geheim\n", "geheim"), (" a=b 'c\r\n", " a=b 'c"), ("", nil), ("a\nb", nil)])
    func `the password is one line, and never shown`(_ contents: String, _ password: String?) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "saga-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try contents.write(to: directory.appending(path: "postgresql.password"), atomically: true, encoding: .utf8)
        let environment = ["CREDENTIALS_DIRECTORY": directory.path]
        let read = Result { try Configuration.read(file: nil, environment: environment) }
        if let password {
            let configuration = try read.get().configuration
            #expect(configuration.store.password?.value == password)
            #expect(!configuration.effective().json.contains("geheim"))
        } else {
            #expect((#expect(throws: ConfigurationError.self) { try read.get() })?.description.contains("is not a password") == true)
        }
    }
}
