import HTTPServer
import Testing

@Suite struct ConnectionLimitTests {
    @Test(arguments: [(64, 16), (300, 48), (1024, 772), (4096, 3844), (1 << 20, 4096)])
    func `as many connections as descriptors allow, besides those for everything else`(_ descriptors: Int, _ connections: Int) {
        #expect(ConnectionLimit.clients(of: descriptors, cores: 4) == connections)
    }
}
