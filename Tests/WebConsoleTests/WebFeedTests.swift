import Foundation
import SagaTestSupport
import Testing

@testable import WebConsole

@Suite struct WebFeedTests {
    @Test func `however many look, it is asked once for all of them, and not at all for none`() async throws {
        let (asked, permits, ended) = (Observed(0), Observed(0), Observed(0))
        let feed = WebFeed(every: .zero) {
            asked.change { $0 += 1 }
            let number = asked.state
            _ = try? await permits.wait(for: "leave to answer", within: .seconds(600)) { $0 > 0 ? ($0 -= 1) : nil }
            if Task.isCancelled { ended.change { $0 += 1 } }
            return Data("\(number)".utf8)
        }
        var viewers: [(snapshots: AsyncStream<Data>, viewer: WebFeed.Viewer)] = []
        for _ in 0..<10 { viewers.append(await feed.join()) }
        for number in 1...3 {
            permits.change { $0 += 1 }
            for (snapshots, _) in viewers {
                var snapshots = snapshots.makeAsyncIterator()
                #expect(await snapshots.next() == Data("\(number)".utf8))
            }
        }
        for (_, viewer) in viewers { viewer.finish() }
        try await ended.wait(for: "end of the asking") { $0 == 1 ? () : nil }
        #expect(await feed.count == 0)

        let (snapshots, viewer) = await feed.join()
        permits.change { $0 += 1 }
        var iterator = snapshots.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        viewer.finish()
    }

    @Test func `one order's timeline is asked for once, whatever the number of pages`() async throws {
        let (asked, answer) = (Observed(0), Observed(false))
        let traces = WebTraces(for: .seconds(3600)) { _ in
            asked.change { $0 += 1 }
            _ = try? await answer.wait(for: "leave to answer") { $0 ? () : nil }
            return .unknown("")
        }
        await withTaskGroup { group in
            for _ in 0..<10 { group.addTask { _ = await traces.trace(of: "o-1") } }
            _ = try? await asked.wait(for: "question") { $0 > 0 ? () : nil }
            answer.change { $0 = true }
        }
        _ = await traces.trace(of: "o-1")
        #expect(asked.state == 1)
        _ = await traces.trace(of: "o-2")
        #expect(asked.state == 2)
    }
}
