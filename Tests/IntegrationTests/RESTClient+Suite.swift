import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

extension RESTClient {
    /// That of a daemon of the present suite.
    init(_ service: ServiceName) throws {
        self.init(try #require(DaemonSuite.current).rest(service), contract: try service.contract())
    }
}
