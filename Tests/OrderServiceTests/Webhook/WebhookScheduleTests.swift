import Testing

@testable import OrderService

@Suite struct WebhookScheduleTests {
    /// The delays one after the other until it is given up.
    private static func delays(retryAfter: Duration? = nil, jitter: Double) -> [Duration] {
        var delays: [Duration] = []
        var waited = Duration.zero
        while let delay = WebhookSchedule.delay(failures: delays.count, waited: waited, retryAfter: retryAfter, jitter: jitter) {
            delays.append(delay)
            waited += delay
        }
        return delays
    }

    @Test(arguments: [0, 0.5, 1]) func `it is put off for a day in all, ever longer, and never for longer than a quarter of an hour`(
        jitter: Double
    ) {
        let delays = WebhookScheduleTests.delays(jitter: jitter)
        #expect(delays.reduce(.zero, +) == .seconds(86_400))
        #expect(delays.allSatisfy { $0 <= .seconds(900) && $0 > .zero })
        #expect(delays[0] == .seconds(0.5 + 0.5 * jitter))
        #expect(zip(delays, delays.dropFirst()).dropLast().allSatisfy { $0 <= $1 })
    }

    @Test func `what the receiver asks for counts where it is longer`() {
        #expect(WebhookSchedule.delay(failures: 0, waited: .zero, retryAfter: .seconds(100), jitter: 1) == .seconds(100))
        #expect(WebhookSchedule.delay(failures: 20, waited: .zero, retryAfter: .seconds(100), jitter: 1) == .seconds(900))
        #expect(WebhookScheduleTests.delays(retryAfter: .seconds(7_200), jitter: 0).count == 12)
    }

    @Test func `it is tried for a last time at the end of the day, however long the receiver asks for`() {
        #expect(WebhookScheduleTests.delays(retryAfter: .seconds(1_000_000), jitter: 0) == [.seconds(86_400)])
    }

    @Test func `however often it failed, nothing overflows`() {
        #expect(WebhookSchedule.delay(failures: .max, waited: .zero, retryAfter: nil, jitter: 1) == .seconds(900))
    }
}
