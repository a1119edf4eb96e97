import Saga
import SagaTestSupport
import Testing

/// The REST interface with all three daemons running, which all these tests share.
@Suite(.daemons(), .showingLogs) enum RESTTests {}

/// The REST interface of an order service that is alone: nothing decides its orders but clients.
@Suite(.serialized, .daemons([.order]), .showingLogs) enum OrderServiceAloneTests {}
