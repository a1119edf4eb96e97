import Hummingbird
package import Saga
package import SagaConfiguration
package import SagaStore
package import Store
package import ServiceLifecycle
package import Telemetry
package import Wire
package import HTTPServer

/// What makes one daemon different from the others; everything else is the same for all of them.
///
/// A new participant is one folder with a type like this, and one row in `Choreography`.
package protocol SagaService: Sendable {
    associatedtype Reactions: Participant

    static var schema: Schema { get }
    /// Once in the life of a database.
    static func initialize(_ configuration: Configuration, in transaction: Transaction) throws
    /// The participant's part of the OpenAPI 3.1 description of its REST routes, as `OpenAPIDocument` reads it.
    static var openAPI: [UInt8] { get }

    /// What is wrong with the settings that concern it alone, beyond what the configuration checks.
    ///
    /// - Parameter hasCredentials: whether a daemon's credentials were there to be read.
    static func problems(in configuration: Configuration, hasCredentials: Bool) -> [String]

    init(context: ServiceContext) throws

    var reactions: Reactions { get }
    func addRoutes(to router: ServiceRouter)
    /// Routes for the admin socket alone.
    func addOperatorRoutes(to router: ServiceRouter)
    /// Whether clients place orders here.
    static var takesOrders: Bool { get }
    /// What turns clients away when there are too many; those of the admin socket never.
    var gate: (any RequestGate)? { get }
    /// What keeps it from all of its work, in words.
    var conditions: [String] { get async }
    /// What runs beside the common parts.
    var services: [any Service] { get }
    /// What this service holds of an order, for the timeline; nil when it holds nothing.
    func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing?
    /// How many orders there are of each status; nil elsewhere than at the order service.
    func orderCounts(from totals: [String: Int64]) -> [String: Int]?
    /// What only this service has to be measured, a bounded number.
    func gauges(in snapshot: Snapshot) throws -> [Gauge]
    /// Deletes what only retention keeps, besides the events; true when there may be more.
    func deleteExpired(before cutoff: Timestamp, limit: Int, in transaction: Transaction) throws -> Bool
    /// Behind which it needs the outbox itself, however old that is.
    var outboxPosition: Int64 { get }
    /// Purges orders that are older, where they are kept; returns how many that were.
    func purge(before cutoff: Timestamp) async throws -> Int
    /// A configuration was read anew.
    func reload(_ configuration: Configuration)
}

extension SagaService {
    package static func document() throws -> String { try OpenAPIDocument(own: openAPI).json }
    package static func problems(in _: Configuration, hasCredentials _: Bool) -> [String] { [] }
    package static func initialize(_: Configuration, in _: Transaction) throws {}
    package func addOperatorRoutes(to _: ServiceRouter) {}
    package static var takesOrders: Bool { false }
    package var gate: (any RequestGate)? { nil }
    package var conditions: [String] { [] }
    package var services: [any Service] { [] }
    package var outboxPosition: Int64 { .max }
    package func orderCounts(from _: [String: Int64]) -> [String: Int]? { nil }
    package func gauges(in _: Snapshot) throws -> [Gauge] { [] }
    package func deleteExpired(before _: Timestamp, limit _: Int, in _: Transaction) throws -> Bool { false }
    package func purge(before _: Timestamp) async throws -> Int { 0 }
    package func reload(_: Configuration) {}
}

package struct Standing: Sendable {
    package let status: String
    package let waitingFor: [ServiceName]

    package init(status: String, waitingFor: [ServiceName] = []) {
        self.status = status
        self.waitingFor = waitingFor
    }
}
