import Foundation
import Testing

/// Who may import whom, read from the sources: the build lets a module import what it depends on by way of others.
///
/// A line for each room. What is of the suite is listed in full; of the rest only what belongs to one room, or keeps a room pure.
@Suite struct LayerTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    private static let transport: Set = ["Wire", "Posix", "Ownership", "Saga", "SagaStore", "Systemd", "Telemetry", "Transport"]
    private static let participant: Set = [
        "Wire", "Saga", "SagaStore", "SagaConfiguration", "Systemd", "Telemetry", "Transport", "HTTPServer", "SagaDaemon", "AdminAPI",
    ]

    private static let rooms: [String: Set<String>] = [
        "Wire": [],
        "Posix": ["CMalloc"],
        "Ownership": [],
        "Saga": ["Wire"],
        "Kafka": ["Wire", "Posix", "CRdkafka"],
        "Systemd": ["Wire", "Posix", "CSystemd"],
        "Telemetry": ["Wire", "Posix"],
        "SagaStore": ["Wire", "Posix", "Ownership", "Saga", "CSQLite"],
        "SagaConfiguration": ["Wire", "CYaml"],
        "AdminAPI": ["Wire", "Ownership", "Saga"],
        "Transport": transport,
        "DirectTransport": transport,
        "KafkaTransport": transport.union(["SagaConfiguration", "Kafka", "Telemetry"]),
        "HTTPServer": ["Wire", "Posix", "Ownership", "Telemetry"],
        "SagaDaemon": transport.union([
            "SagaConfiguration", "Telemetry", "AdminAPI", "Kafka", "DirectTransport", "KafkaTransport", "HTTPServer", "CMalloc",
        ]),
        "OrderService": participant,
        "InventoryService": participant,
        "PaymentService": participant,
        "SagaCLI": ["Wire", "Ownership", "Saga", "SagaConfiguration", "AdminAPI"],
        "saga-orderd": ["OrderService", "SagaDaemon"],
        "saga-inventoryd": ["InventoryService", "SagaDaemon"],
        "saga-paymentd": ["PaymentService", "SagaDaemon"],
        "sagactl": ["SagaCLI"],
    ]

    /// Libraries that only these rooms know; everything else is for `Package.swift` to say.
    private static let owners: [String: Set<String>] = [
        "Hummingbird": ["HTTPServer", "SagaDaemon", "OrderService", "InventoryService", "PaymentService"],
        "ArgumentParser": ["SagaDaemon", "SagaCLI", "saga-orderd"],
        "Foundation": [],
    ]

    private struct Import {
        let room, file, module: String
    }

    private static func imports() throws -> [Import] {
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        return try files.filter { $0.pathExtension == "swift" }.flatMap { file in
            let path = file.path.dropFirst(sources.path.count + 1)
            let room = String(path.prefix { $0 != "/" })
            return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
                line.firstMatch(of: #/^(?:@\w+ )?(?:package |public )?import (?:(?:struct|enum|class|protocol|func) )?(\w+)/#).map {
                    Import(room: room, file: String(path), module: String($0.1))
                }
            }
        }
    }

    @Test("Every room has a line in the table, and imports what it says")
    func rules() throws {
        let imports = try LayerTests.imports()
        let suite = Set(LayerTests.rooms.keys).union(["CMalloc", "CRdkafka", "CSQLite", "CSystemd", "CYaml"])
        #expect(Set(imports.map(\.room)).subtracting(LayerTests.rooms.keys).isEmpty)
        for found in imports {
            if suite.contains(found.module) {
                #expect(LayerTests.rooms[found.room]?.contains(found.module) == true, "\(found.file) imports \(found.module)")
            } else if let owners = LayerTests.owners[found.module] {
                #expect(owners.contains(found.room), "\(found.file) imports \(found.module)")
            }
        }
    }
}
