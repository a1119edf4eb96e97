import SagaRuntime
import Testing

@Suite struct ConnectionLimitTests {
    @Test(arguments: [(64, 16), (200, 40), (1024, 864), (4096, 3936), (1 << 20, 4096)])
    func `as many connections as descriptors allow, besides those for everything else`(_ descriptors: Int, _ connections: Int) {
        #expect(ConnectionLimit.clients(of: descriptors) == connections)
    }
}
