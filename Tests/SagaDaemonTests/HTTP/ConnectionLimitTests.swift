import HTTPServer
import Testing

@Suite struct ConnectionLimitTests {
    @Test(arguments: [(64, 16), (240, 36), (1024, 820), (4096, 3892), (1 << 20, 4096)])
    func `as many connections as descriptors allow, besides those for everything else`(_ descriptors: Int, _ connections: Int) {
        #expect(ConnectionLimit.clients(of: descriptors, cores: 4) == connections)
    }
}
