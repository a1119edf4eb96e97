import Foundation
import Testing

/// Who imports whom, read from the sources: a module that needs a room it has not needed so far gets a line here and in `Package.swift`,
/// on purpose. The build alone lets a module import whatever its dependencies depend on.
@Suite struct LayerTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    /// Every room may use these, except `Saga`, which is pure.
    private static let platform: Set = ["CDispatch", "Dispatch", "FoundationEssentials", "Glibc", "Synchronization"]
    private static let nio: Set = ["NIOCore", "NIOPosix"]
    private static let web: Set = ["HTTPTypes", "Hummingbird", "Logging", "ServiceLifecycle"]

    private static let rooms: [String: Set<String>] = [
        "Wire": platform.union(["SwiftOverlayShims"]),
        "Posix": platform.union(["CMalloc"]),
        "Ownership": platform.union(["NIOCore"]),
        "Saga": ["Wire"],
        "PostgreSQL": platform.union(["Posix", "CLibpq"]),
        "Kafka": platform.union(["Posix", "CRdkafka"]),
        "Systemd": platform.union(["Wire", "Posix", "CSystemd", "Logging", "ServiceLifecycle"]),
        "Telemetry": platform.union(["Wire", "DequeModule"]),
        "Store": platform.union(["Wire", "Posix", "Ownership", "CSQLite", "PostgreSQL", "DequeModule"]),
        "SagaStore": platform.union(["Wire", "Store", "Saga"]),
        "SagaConfiguration": platform.union(["Wire", "Saga", "CYaml"]),
        "AdminAPI": platform.union(nio).union(["Wire", "Ownership", "Saga", "NIOHTTP1"]),
        "Transport": platform.union(["Saga", "Store", "SagaStore", "Systemd", "DequeModule", "NIOCore", "ServiceLifecycle"]),
        "DirectTransport": platform.union(nio).union([
            "Wire", "Posix", "Ownership", "Saga", "Store", "SagaStore", "Systemd", "Transport", "Logging", "ServiceLifecycle",
        ]),
        "KafkaTransport": platform.union([
            "Wire", "Saga", "Store", "SagaStore", "SagaConfiguration", "Kafka", "Systemd", "Transport", "DequeModule", "Logging",
            "ServiceLifecycle",
        ]),
        "HTTPServer": platform.union(nio).union(web).union([
            "Wire", "Posix", "Telemetry", "DequeModule", "HummingbirdCore", "NIOHTTP1", "NIOHTTPTypes",
            "NIOHTTPTypesHTTP1",
        ]),
        "Outbound": platform.union(nio).union(["Wire", "AsyncHTTPClient", "NIOHTTP1", "NIOSSL"]),
        "SagaDaemon": platform.union(nio).union(web).union([
            "Wire", "Posix", "Ownership", "Saga", "Store", "SagaStore", "SagaConfiguration", "AdminAPI", "Kafka", "Systemd", "Telemetry",
            "Transport",
            "DirectTransport", "KafkaTransport", "HTTPServer", "Outbound", "ArgumentParser", "CMalloc", "UnixSignals",
        ]),
        "Participants/Service": platform.union(web).union([
            "Wire", "Posix", "Outbound", "Saga", "Store", "SagaStore", "SagaConfiguration", "AdminAPI", "Systemd", "Telemetry", "Transport",
            "HTTPServer", "SagaDaemon",
            "DequeModule", "HeapModule", "NIOCore",
        ]),
        "Participants/View": platform.union(["Wire", "Saga", "AdminAPI", "Console", "ArgumentParser"]),
        "Participants/Daemon": ["SagaDaemon", "ArgumentParser"],
        "Console": platform.union(["Wire", "Saga", "SagaConfiguration", "AdminAPI", "ArgumentParser"]),
        "WebConsole": platform.union(nio).union(web).union(["Wire", "Console", "HTTPServer", "UnixSignals"]),
        "SagaCLI": platform.union([
            "Wire", "Posix", "Saga", "SagaConfiguration", "AdminAPI", "Systemd", "Console", "WebConsole", "ArgumentParser",
        ]),
        "sagactl": platform.union(["SagaCLI"]),
    ]

    private struct Import {
        let room, participant, file, module: String

        /// Its own service is what a participant's daemon runs; what each of them shows is for `sagactl` to show.
        var isAllowed: Bool {
            let own = room == "Participants/Daemon" && module == participant + "Service"
            let view = room == "SagaCLI" && module.hasSuffix("View")
            return own || view || LayerTests.rooms[room]?.contains(module) == true
        }
    }

    private static func imports() throws -> [Import] {
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        return try files.filter { $0.pathExtension == "swift" }.flatMap { file in
            let path = file.path.dropFirst(sources.path.count + 1).split(separator: "/").map(String.init)
            let (room, participant) = path[0] == "Participants" ? ("Participants/" + path[2], path[1]) : (path[0], "")
            return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
                let found = line.firstMatch(
                    of:
                        #/^(?:@\w+(?:\(.*\))? )?(?:package |public |internal )?import (?:(?:struct|enum|class|protocol|func|let|var) )?(\w+)/#
                )
                return found.map { Import(room: room, participant: participant, file: path.joined(separator: "/"), module: String($0.1)) }
            }
        }
    }

    @Test("Every room imports what its line says, of the suite and of other packages")
    func rules() throws {
        let imports = try LayerTests.imports()
        #expect(Set(imports.map(\.room)) == Set(LayerTests.rooms.keys))
        for found in imports where !found.isAllowed {
            Issue.record("\(found.file) imports \(found.module), which is not for \(found.room)")
        }
        // What nobody needs is no longer promised.
        for (room, promised) in LayerTests.rooms {
            let needed = Set(imports.filter { $0.room == room }.map(\.module))
            let unused = promised.subtracting(LayerTests.platform).subtracting(needed)
            #expect(unused.isEmpty, "\(room) does not import \(unused.sorted())")
        }
    }
}
