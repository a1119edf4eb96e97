// swift-tools-version:6.2
import PackageDescription

/// Warnings fail the build where it is checked, not where somebody is in the middle of writing.
let checks: [SwiftSetting] = Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + checks

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

/// A module of the suite. Who may import whom is decided here and nowhere else.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

/// The participants of the saga: each is a folder of `Sources/Participants` and a row in `Choreography`.
let participants = ["Order", "Inventory", "Payment"]
let services = participants.map { Target.Dependency(stringLiteral: "\($0)Service") }
let views = participants.map { Target.Dependency(stringLiteral: "\($0)View") }
let daemons = participants.map { "saga-\($0.lowercased())d" }
let daemonPrograms = daemons.map { Target.Dependency(stringLiteral: $0) }

/// What only one participant needs of others' packages.
let needs: [String: [Target.Dependency]] = ["PaymentService": [heap]]

/// A participant's service, what `sagactl` shows of it, and its daemon.
func targets(of participant: String, daemon: String) -> [Target] {
    let folder = "Sources/Participants/\(participant)"
    return [
        .target(
            name: "\(participant)Service",
            dependencies: [
                "Wire", "Posix", "Saga", "Store", "SagaStore", "SagaConfiguration", "Transport", "HTTPServer", "SagaDaemon", "AdminAPI",
                "Systemd", "Telemetry", "Outbound",
                collections, hummingbird, httpTypes, lifecycle, logging, nioCore,
            ] + needs["\(participant)Service", default: []], path: "\(folder)/Service", resources: [.embedInCode("openapi.json")],
            swiftSettings: swiftSettings),
        .target(
            name: "\(participant)View", dependencies: ["Wire", "Saga", "AdminAPI", "Console", argumentParser], path: "\(folder)/View",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: daemon, dependencies: [.init(stringLiteral: "\(participant)Service"), "SagaDaemon"], path: "\(folder)/Daemon",
            swiftSettings: swiftSettings),
    ]
}

/// libFuzzer brings a `main` of its own, so this is a program only where `packaging/fuzz` links that.
let fuzzing: [Target] =
    Context.environment["FUZZING"] == nil
    ? [] : [.executableTarget(name: "saga-fuzz", dependencies: ["Fuzz"], path: "Tools/fuzz/saga-fuzz", swiftSettings: swiftSettings)]

let package = Package(
    name: "sagad",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sagactl", targets: ["sagactl"]),
        // Only for tests, which load it into the daemons.
        .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
    ] + daemons.map { .executable(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.7.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // HTTP requests to others
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // Without the FullFoundation trait nothing links Foundation and its 40 MB of ICU data.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CRdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // What everything may know: JSON, ids, times; and a thread or a socket of the operating system's
        module("Wire"),
        module("Posix", ["CMalloc"]),

        // The choreography: pure, no I/O, no clock, no randomness
        module("Saga", ["Wire"]),

        // Layers over C libraries that know nothing of sagas
        module("Kafka", ["CRdkafka", "Posix"]),
        module("PostgreSQL", ["CLibpq", "Posix"]),
        module("Systemd", ["Wire", "Posix", "CSystemd", lifecycle, logging]),

        // Metrics, which know nothing of sagas either
        module("Telemetry", ["Wire", collections]),

        // Who may change what is at a path, and who answers on a socket
        module("Ownership", [nioCore]),

        // The durable shell: a store that knows no saga, then inbox, outbox and dead letters
        module("Store", ["Wire", "Posix", "CSQLite", "PostgreSQL", "Ownership", collections]),
        module("SagaStore", ["Wire", "Store", "Saga"]),
        module("SagaConfiguration", ["Wire", "Saga", "CYaml"], resources: [.embedInCode("Package.resolved")]),
        module("AdminAPI", ["Wire", "Saga", "Ownership", nioCore, nioHTTP1, nioPosix]),

        // How events get from one daemon to the others. A transport knows the store and the choreography, no participant.
        module("Transport", ["Saga", "Store", "SagaStore", "Systemd", collections, lifecycle, nioCore]),
        module(
            "DirectTransport",
            ["Wire", "Posix", "Ownership", "Saga", "Store", "SagaStore", "Systemd", "Transport", lifecycle, logging, nioCore, nioPosix]),
        module(
            "KafkaTransport",
            ["Wire", "Saga", "Store", "SagaStore", "SagaConfiguration", "Kafka", "Systemd", "Transport", collections, lifecycle, logging]),

        // HTTP for any service: knows no saga and no store
        module(
            "HTTPServer",
            [
                "Wire", "Posix", "Telemetry", collections, hummingbird, hummingbirdCore, httpTypes, lifecycle, logging,
                nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix,
            ]),

        // HTTP requests to others: knows no saga either
        module("Outbound", ["Wire", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL]),

        // The daemon around a participant; it alone knows both transports
        module(
            "SagaDaemon",
            [
                "Wire", "Posix", "Saga", "Store", "SagaStore", "SagaConfiguration", "AdminAPI", "Kafka", "Systemd", "Telemetry",
                "Ownership",
                "Transport", "DirectTransport", "KafkaTransport", "HTTPServer", "Outbound", "CMalloc", argumentParser, hummingbird,
                httpTypes,
                lifecycle, logging, nioCore, nioPosix, unixSignals,
            ]),

        // Programs
        module("Console", ["Wire", "Saga", "SagaConfiguration", "AdminAPI", argumentParser]),
        // A page in a browser: knows neither a daemon nor what is on it.
        module(
            "WebConsole", ["Wire", "Console", "HTTPServer", hummingbird, httpTypes, lifecycle, logging, nioCore, nioPosix, unixSignals],
            resources: [.embedInCode("Page")]),
        module(
            "SagaCLI",
            ["Wire", "Posix", "Saga", "SagaConfiguration", "AdminAPI", "Console", "Systemd", "WebConsole", argumentParser] + views),
        program("sagactl", ["SagaCLI"]),
        .executableTarget(
            name: "sagabench",
            dependencies: [
                "Wire", "Posix", "Saga", "Store", "SagaStore", "AdminAPI", "CSQLite", "SeededNumbers", argumentParser, nioCore, nioPosix,
                unixSignals,
            ] + services, path: "Benchmarks/sagabench", swiftSettings: swiftSettings),

        // Tests
        tests("OwnershipTests", ["Ownership", "SagaTestSupport"]),
        tests("WireTests", ["Wire", "SagaTestSupport", "SeededNumbers"]),
        tests("SagaTests", ["Wire", "Saga", "SagaTestSupport", "SeededNumbers"] + services),
        tests("SagaConfigurationTests", ["SagaConfiguration", "Saga", "SagaTestSupport", "SeededNumbers"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("SystemdTests", ["Wire", "Systemd", "CSystemd", "SagaTestSupport", lifecycle, logging]),
        .target(
            name: "AdminStub", dependencies: ["AdminAPI", "Wire", "Saga", nioCore, nioHTTP1, nioPosix], path: "Tests/AdminStub",
            swiftSettings: swiftSettings),
        tests("AdminAPITests", ["AdminAPI", "Wire", "Saga", "SagaDaemon", "AdminStub", "SagaTestSupport", nioCore, nioPosix] + services),
        tests("WebConsoleTests", ["WebConsole", "Console", "SagaTestSupport"]),
        tests("SagaCLITests", ["SagaCLI", "Console", "Wire", "Saga", "AdminAPI", "AdminStub", "SagaTestSupport", "sagactl"] + views),
        tests("PostgreSQLTests", ["PostgreSQL", "CLibpq", "Posix", "SagaTestSupport"]),
        tests("KafkaTests", ["Kafka", "CRdkafka", "SagaTestSupport", "mock-broker"]),
        .target(
            name: "SagaTestSupport", dependencies: ["Wire", "Saga", nioCore, nioPosix], path: "Tests/SagaTestSupport",
            swiftSettings: swiftSettings),
        .target(
            name: "ServiceTestSupport",
            dependencies: [
                "SagaTestSupport", "Wire", "Saga", "Store", "SagaStore", "SagaConfiguration", "Transport", "HTTPServer", "SagaDaemon",
                "Systemd", lifecycle, logging, nioCore, nioEmbedded,
            ] + services, path: "Tests/ServiceTestSupport", swiftSettings: swiftSettings),
        tests(
            "ServiceTests",
            [
                "ServiceTestSupport", "SagaTestSupport", "Wire", "Saga", "Store", "SagaStore", "AdminAPI", "SagaDaemon", "HTTPServer",
                "SagaConfiguration", nioCore,
            ] + services),
        tests("PaymentServiceTests", ["Wire", "Outbound", "PaymentService", "Saga"]),
        tests("OrderServiceTests", ["Wire", "Posix", "OrderService", "Saga", "HTTPServer", "Store", "SagaStore", "CSQLite", nioCore]),
        tests(
            "IntegrationTests",
            [
                "SagaTestSupport", "ServiceTestSupport", "Wire", "Posix", "Saga", "Store", "SagaStore", "SagaConfiguration", "Transport",
                "HTTPServer",
                "SagaDaemon",
                "AdminAPI", "Kafka", "Systemd", "Telemetry", "sagactl", "mock-broker", "Fuzz", hummingbird, logging,
            ] + services + daemonPrograms,
            exclude: ["Databases", "Python/webhooks.py", "Python/collector.py", "Python/validate.py", "Python/asyncapi-3.0.0.json"]),
        // Seeded chance, for tests, tools and the benchmark
        .target(name: "SeededNumbers", path: "Tools/numbers", swiftSettings: swiftSettings),
        .target(name: "FaultInjection", path: "Tools/fault-injection", publicHeadersPath: "."),
        .executableTarget(
            name: "mock-broker", dependencies: ["CRdkafka"], path: "Tools/mock-broker", swiftSettings: swiftSettings,
            // librdkafka is to find its `bind` (see ListeningPorts.swift).
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=bind"], .when(platforms: [.linux]))]),
        tests(
            "SagaDaemonTests",
            [
                "SagaDaemon", "Transport", "DirectTransport", "KafkaTransport", "HTTPServer", "Wire", "Posix", "Saga", "SagaConfiguration",
                "Store", "SagaStore", "Kafka", "SagaTestSupport", "SeededNumbers", "Systemd", hummingbird, httpTypes, lifecycle, logging,
                nioCore,
                nioEmbedded, nioPosix,
            ] + services),
        .target(
            name: "Simulation",
            dependencies: [
                "Wire", "Saga", "Store", "SagaStore", "Kafka", "Transport", "DirectTransport", "KafkaTransport", "SagaDaemon",
                "SeededNumbers",
            ] + services,
            path: "Tools/simulator/Simulation", swiftSettings: swiftSettings),
        .executableTarget(
            name: "saga-simulate", dependencies: ["Simulation", argumentParser], path: "Tools/simulator/saga-simulate",
            swiftSettings: swiftSettings),
        tests("SimulationTests", ["Simulation", "saga-simulate"]),
        .executableTarget(
            name: "saga-killer",
            dependencies: ["SagaTestSupport", "SeededNumbers", "Wire", "Saga", "AdminAPI", argumentParser, unixSignals],
            path: "Tools/killer", swiftSettings: swiftSettings),
        tests(
            "SagaKillerTests",
            ["saga-killer", "AdminAPI", "Wire", "Saga", "SagaTestSupport", "sagactl", "mock-broker"] + daemonPrograms),
        .target(
            name: "Fuzz",
            dependencies: [
                "Wire", "Saga", "Store", "SagaStore", "SagaConfiguration", "AdminAPI", "DirectTransport", "HTTPServer", "SagaDaemon",
                "SeededNumbers", hummingbird, httpTypes, nioCore,
            ] + services,
            path: "Tools/fuzz/Fuzz", swiftSettings: swiftSettings),
        tests("FuzzTests", ["Fuzz"]),
        tests(
            "SagaStoreTests",
            [
                "Wire", "Posix", "Saga", "Store", "SagaStore", "CSQLite", "PostgreSQL", "KafkaTransport", "SagaTestSupport",
                "SeededNumbers",
            ] + services),
        tests("SagabenchTests", ["sagabench", "Wire", "Saga", "Store", "SagaStore", nioCore] + services),
    ] + zip(participants, daemons).flatMap(targets) + fuzzing,
    swiftLanguageModes: [.v6]
)
