import Glibc
import Testing

@testable import sagabench

@Suite struct ProcessUsageTests {
    @Test func `threads that begin or end meanwhile do not spoil the count of wake-ups`() {
        #expect(ProcessUsage.wakeUps(from: ["1": 10, "2": 500], to: ["1": 13, "3": 4]) == 7)
    }

    @Test func `a process has threads that have slept`() throws {
        let usage = try #require(ProcessUsage(of: getpid()))
        #expect(usage.wakeUps[String(getpid())] != nil)
    }
}
