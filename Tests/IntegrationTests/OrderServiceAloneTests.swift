import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// A daemon that is alone.
@Suite(.daemons([.order]), .showingLogs) struct OrderServiceAloneTests {
    let orders = try! RESTClient(.order)

    @Test func `the service is ready but degraded, and says who is missing`() async throws {
        let json = try await orders.get("/readyz", until: "degraded")
        let reasons = try #require(json["reasons"]?.array).compactMap(\.string).joined()
        #expect(reasons.contains("inventory"))
        #expect(reasons.contains("payment"))
    }
}
