import SagaTestSupport
import Testing

/// The broker of these tests keeps to the ports it is given, as the place of one that died can be taken only there.
@Suite struct MockBrokerTests {
    @Test func `the brokers listen on the ports asked for, and nowhere else`() async throws {
        let port = try FreePort.choose()
        let broker = try await MockBrokerProcess(port: port)
        #expect(broker.bootstrapServers == "127.0.0.1:\(port)")
        await #expect(throws: MockBrokerProcess.Refused.self, "on the same port") { _ = try await MockBrokerProcess(port: port) }
    }
}
