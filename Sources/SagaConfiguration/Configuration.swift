package import Saga

/// The configuration of the whole suite: what the file and the environment say, checked, with a default for everything they leave out.
///
/// A value of this type that came from ``load(file:environment:)`` obeys every rule of ``ConfigurationSchema``; a daemon needs no checks of its own.
/// It is plain data without an owner: a reload makes a new one, and a failed reload leaves the old one as it was.
package struct Configuration: Sendable, Equatable {
    package static let `default` = Configuration()

    /// Each service uses `<stateDirectory>/<service>/`.
    package var stateDirectory = "/var/lib/sagad"
    /// Each service uses `<runtimeDirectory>/<service>/`.
    package var runtimeDirectory = "/run/sagad"
    package var transport = Transport.direct
    /// Names of this host, beside localhost, that requests to a loopback address may be for.
    package var allowedHosts: Set<String> = []
    package var kafka = Kafka()
    package var store = Store()
    /// How long published events, processed-event ids and idempotency keys are kept.
    package var retention = Duration.seconds(7 * 86_400)
    /// Final orders that are older are purged; nil: never.
    package var orderRetention: Duration?
    package var deadLetters = DeadLetters()
    package var tracing = Tracing()
    /// Unpublished events above which new orders are refused.
    package var backlogLimit = 100_000
    package var logLevel = LogLevel.info
    /// Where each service listens for clients.
    package var http = PerService { HTTP(port: $0.port) }
    /// Where each service serves metrics, and nothing else; port 0: nowhere but on the admin socket.
    package var metrics = PerService { _ in HTTP(port: 0) }
    package var order = Order()
    package var inventory = Inventory()
    package var payment = Payment()

    /// How events travel between the services.
    package enum Transport: String, Sendable, CaseIterable {
        case direct, kafka
    }

    package struct Kafka: Sendable, Equatable {
        /// Not empty with ``Transport/kafka``.
        package var bootstrapServers = ""
        /// For topics the daemons create; existing topics are used as they are.
        package var partitions = 12
        /// The consumer groups are `<groupPrefix>-order` and its like; two suites on one broker differ here and in their topics.
        package var groupPrefix = "saga"
        /// Any librdkafka property, in the text form librdkafka takes.
        package var properties: [String: String] = [:]
        /// Properties from the credential that systemd hands over; they win over `properties`, and are never shown.
        package var credentials: [String: String] = [:]
        /// Different, valid topic names, by who publishes there.
        package var topics = PerService { $0.topic.rawValue }
    }

    /// What keeps the state of the services.
    package struct Store: Sendable, Equatable, CustomStringConvertible {
        package var kind = Kind.sqlite
        /// As libpq reads it, with `{service}` in it; not empty with ``Kind/postgresql``.
        package var connection = ""
        /// From the credential that systemd hands over; never shown.
        package var password: Secret?

        package enum Kind: String, Sendable, CaseIterable {
            case sqlite, postgresql
        }

        package func connection(of service: ServiceName) -> String {
            connection.replacing("{service}", with: service.rawValue)
        }

        package var description: String { "Store(\(kind))" }
    }

    /// How much may wait for an operator before no more of a topic is read.
    package struct DeadLetters: Sendable, Equatable {
        package var limit = 10_000
        package var bytes = ByteCount(bytes: 256 << 20)
    }

    /// Where the spans of traces go.
    package struct Tracing: Sendable, Equatable {
        /// Of an OpenTelemetry collector, without the path; empty: nowhere.
        package var otlpEndpoint = ""
        /// Of the traces that begin here.
        package var sampleRatio = 1.0
    }

    package struct HTTP: Sendable, Equatable {
        package var host = "127.0.0.1"
        package var port: Int
    }

    package struct Order: Sendable, Equatable {
        /// An order that is PENDING for longer is canceled.
        package var deadline = Duration.seconds(60)
        package var webhook = Webhook()

        /// Who is told of every order that became final.
        package struct Webhook: Sendable, Equatable, CustomStringConvertible {
            /// Empty: nobody.
            package var url = ""
            /// Bounds one try with its answer.
            package var timeout = Duration.seconds(5)
            /// The certificates to trust; empty: the system's.
            package var caFile = ""
            /// From the credential that systemd hands over; never shown.
            package var secrets: [[UInt8]] = []

            package var description: String { "Webhook(\(url))" }
        }
    }

    package struct Inventory: Sendable, Equatable {
        /// Product id to units available, applied once, to a new database.
        package var initialStock: [Int64: Int64] = [1: 10, 2: 5]
    }

    package struct Payment: Sendable, Equatable {
        /// The users whose payments the simulated gateway declines.
        package var declinedUsers: Set<Int64> = [2]
        package var gateway = Gateway()

        package struct Gateway: Sendable, Equatable {
            package var kind = Kind.simulated
            /// Not empty with ``Kind/http``.
            package var url = ""
            /// Bounds one question with its answer.
            package var timeout = Duration.seconds(5)
            /// The certificates to trust; empty: the system's.
            package var caFile = ""
            /// From the credential that systemd hands over; never shown.
            package var token: Secret?

            package enum Kind: String, Sendable, CaseIterable {
                case simulated, http
            }
        }
    }
}

/// What prints a value that has the configuration somewhere in it must not show the secrets among Kafka's properties.
extension Configuration.Kafka: CustomStringConvertible {
    package var description: String { "Kafka(\(bootstrapServers), properties: \(properties.keys.sorted()))" }
}
