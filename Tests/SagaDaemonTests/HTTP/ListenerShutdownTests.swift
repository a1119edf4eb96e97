import NIOCore
import HTTPServer
import SagaTestSupport
import Testing

/// A listener that stops loses nobody: who has asked is answered, who has not is told so by a closed connection.
@Suite(.timeLimit(.minutes(1))) struct ListenerShutdownTests {
    @Test func `the request at work is answered, and its connection closed`() async throws {
        try await TestListener.run { listener in
            let connection = try await listener.asking("/work")
            await listener.stop()
            try await eventually("the stopping") { listener.places.isStopping ? () : nil }
            listener.finishWork()
            let answer = try await connection.answer()
            #expect(answer.status == 204)
            #expect(answer["Connection"] == "close")
            #expect(try await connection.remainder().isEmpty)
        }
    }

    @Test func `a client that sends its next request meanwhile is answered too`() async throws {
        try await TestListener.run(farewell: .seconds(60)) { listener in
            let busy = try await listener.connection()
            try await busy.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await busy.answer()["Connection"] == nil)
            await listener.stop()
            var isClosing = false
            while !isClosing {
                try await busy.send(HTTPClient.request("GET", "/nothing"))
                let answer = try await busy.answer()
                #expect(answer.status == 204)
                isClosing = answer["Connection"] == "close"
            }
            #expect(try await busy.remainder().isEmpty)
        }
    }

    @Test func `a connection at rest ends cleanly, a waiting request with an answer`() async throws {
        try await TestListener.run { listener in
            let idle = try await listener.connection()
            try await idle.send(HTTPClient.request("GET", "/nothing"))
            #expect(try await idle.answer().status == 204)
            let waiting = try await listener.asking("/wait")
            await listener.stop()
            #expect(try await waiting.answer().status == 204)
            #expect(try await idle.remainder().isEmpty)
        }
    }
}
