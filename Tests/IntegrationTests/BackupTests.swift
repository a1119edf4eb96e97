import Foundation
import Posix
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// A backup is made while orders flow, and what is restored from it comes to rest.
@Suite(.showingLogs) struct BackupTests {
    private func restore(_ services: [ServiceName], from directory: String, in suite: DaemonSuite) async throws {
        for service in services {
            try await suite[service].crash()
            let state = suite.stateDirectory(of: service)
            for file in ["saga.db", "saga.db-wal", "saga.db-shm"] { try? FileManager.default.removeItem(atPath: "\(state)/\(file)") }
            try FileManager.default.copyItem(atPath: "\(directory)/\(service).db", toPath: "\(state)/saga.db")
        }
        for service in services { try await suite.start(service) }
    }

    @Test(arguments: [[.inventory], [.payment], [.inventory, .payment], [.order, .inventory, .payment]] as [[ServiceName]])
    func `what is restored beside newer databases comes to rest`(_ services: [ServiceName]) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for user in [1, 2, 1] { _ = try await orders.decided(orders.place(user: user)) }
            let directory = "\(suite.directory.path)/backup"
            // Some are under way while it is made.
            var ids: [String] = []
            for _ in 0..<20 { ids.append(try await orders.place()) }
            let made = try await suite.sagactl("backup", directory, "--json")
            #expect(made.exit == .code(0))
            let manifest = try JSONValue(parsing: Array(made.output.utf8))
            #expect(manifest["copies"]?.array?.map { $0["service"]?.string } == ["payment", "inventory", "order"])
            for copy in manifest["copies"]?.array ?? [] {
                let digest = try FileDigest(of: "\(directory)/\(copy["file"]?.string ?? "")")
                #expect(digest.sha256 == copy["sha256"]?.string)
                #expect(digest.bytes == copy["bytes"]?.integer)
            }
            #expect(FileManager.default.fileExists(atPath: "\(directory)/manifest.json"))
            for id in ids { _ = try await orders.decided(id) }
            // Since then.
            if services.count < 3 { for user in [1, 2] { ids.append(try await orders.place(user: user)) } }
            for id in ids { _ = try await orders.decided(id) }

            try await restore(services, from: directory, in: suite)
            for id in ids where services.count < 3 { _ = try await orders.decided(id) }
            try await eventually("that all agrees") {
                try await suite.sagactl("reconcile", "--json").output == #"{"problems":[]}"# + "\n" ? () : nil
            }
        }
    }

    @Test func `a daemon that is away is named, the others are saved; what exists is left alone`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .payment])
            let directory = "\(suite.directory.path)/backup"
            let made = try await suite.sagactl("backup", directory)
            #expect(made.exit == .code(69))
            #expect(made.errors.contains("inventory: no socket") || made.errors.contains("inventory: nobody answers"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["manifest.json", "order.db", "payment.db"])
            let manifest = try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/manifest.json"))))
            #expect(manifest["missing"]?.array?.map(\.string) == ["inventory"])

            #expect(try await suite.sagactl("backup", directory).exit == .code(64))
            let again = try await suite.admin(.order).post("/backup", json: #"{"directory":"\#(directory)"}"#)
            #expect(again.status == 409)
            #expect(try await suite.admin(.order).post("/backup", json: #"{"directory":"relative"}"#).status == 422)
        }
    }

    @Test func `SHA-256 is that of FIPS 180-4`() {
        func digest(_ text: String) -> String {
            var sum = SHA256()
            sum.update(text.utf8)
            return sum.digest()
        }
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(digest(String(repeating: "a", count: 1_000_000)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
