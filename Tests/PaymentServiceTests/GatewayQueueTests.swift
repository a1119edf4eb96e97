import PaymentService
import Saga
import Testing
import Wire

/// On a clock that the test turns.
@Suite struct GatewayQueueTests {
    struct Instant: InstantProtocol, Sendable {
        var time: Duration
        func advanced(by duration: Duration) -> Instant { Instant(time: time + duration) }
        func duration(to other: Instant) -> Duration { other.time - time }
        static func < (a: Instant, b: Instant) -> Bool { a.time < b.time }

        static func at(_ seconds: Double) -> Instant { Instant(time: .seconds(seconds)) }
    }

    typealias Queue = GatewayQueue<Instant>

    private static func order(_ number: Int) -> OrderID { OrderID(bits: UInt128(number)) }

    private func queue(_ count: Int) -> Queue {
        var queue = Queue()
        for number in 0..<count { queue.add(Self.order(number)) }
        return queue
    }

    @Test func `at most 64 are asked about at once, in the order in which they came`() {
        var queue = queue(100)
        for number in 0..<64 { #expect(queue.next(at: .at(0)) == .ask(Self.order(number))) }
        #expect(queue.next(at: .at(0)) == .wait(until: nil))
        queue.settled(Self.order(7))
        #expect(queue.next(at: .at(0)) == .ask(Self.order(64)))
        #expect(queue.next(at: .at(0)) == .wait(until: nil))
    }

    @Test func `of one payment there is never more than one question on its way`() {
        var queue = queue(1)
        #expect(queue.next(at: .at(0)) == .ask(Self.order(0)))
        queue.add(Self.order(0))
        #expect(queue.next(at: .at(0)) == .wait(until: nil))
        // What came up meanwhile is asked about next.
        queue.settled(Self.order(0))
        #expect(queue.next(at: .at(0)) == .ask(Self.order(0)))
        queue.settled(Self.order(0))
        #expect(queue.count == 0)
    }

    @Test func `retries take 0.2 to 30 seconds, ever longer`() {
        var queue = queue(1)
        var (now, delays) = (Instant.at(0), [Duration]())
        for _ in 0..<8 {
            #expect(queue.next(at: now) == .ask(Self.order(0)))
            queue.failed(Self.order(0), .unknown(retryAfter: nil), jitter: 0, at: now)
            guard case .wait(let until?) = queue.next(at: now) else { return #expect(Bool(false), "no retry is planned") }
            delays.append(now.duration(to: until))
            now = until
        }
        #expect(delays == [200, 400, 800, 1600, 3200, 6400, 12_800, 15_000].map { .milliseconds($0) })
        #expect(queue.next(at: now) == .ask(Self.order(0)))
        queue.failed(Self.order(0), .unknown(retryAfter: nil), jitter: 1, at: now)
        #expect(queue.next(at: now) == .wait(until: now.advanced(by: .seconds(30))))
    }

    @Test(arguments: [(Duration.seconds(7), 7.0), (.seconds(3600), 60), (.zero, 0.2)])
    func `Retry-After is followed, up to a minute`(_ retryAfter: Duration, _ seconds: Double) {
        var queue = queue(1)
        _ = queue.next(at: .at(0))
        queue.failed(Self.order(0), .unknown(retryAfter: retryAfter), jitter: 0, at: .at(0))
        #expect(queue.next(at: .at(0)) == .wait(until: .at(seconds)))
    }

    @Test func `what is refused is asked again every 30 seconds`() {
        var queue = queue(1)
        for round in 0..<3 {
            let now = Instant.at(30 * Double(round))
            #expect(queue.next(at: now) == .ask(Self.order(0)))
            queue.failed(Self.order(0), .refused, jitter: 0.5, at: now)
            #expect(queue.next(at: now) == .wait(until: now.advanced(by: .seconds(30))))
        }
    }

    @Test func `the circuit opens after ten failures in a row, lets one a second through, and closes with the first answer`() {
        var queue = queue(40)
        for number in 0..<10 {
            #expect(!queue.isOpen)
            #expect(queue.next(at: .at(0)) == .ask(Self.order(number)))
            queue.failed(Self.order(number), .refused, jitter: 0, at: .at(0))
        }
        #expect(queue.isOpen)
        #expect(queue.next(at: .at(0.5)) == .wait(until: .at(1)))
        #expect(queue.next(at: .at(1)) == .ask(Self.order(10)))
        #expect(queue.next(at: .at(1)) == .wait(until: .at(2)))
        queue.failed(Self.order(10), .refused, jitter: 0, at: .at(1.5))
        #expect(queue.next(at: .at(2)) == .ask(Self.order(11)))
        queue.answered(Self.order(11))
        queue.settled(Self.order(11))
        #expect(!queue.isOpen)
        for number in 12..<40 { #expect(queue.next(at: .at(2)) == .ask(Self.order(number))) }
    }

    @Test func `while the circuit is open backoff keeps nobody waiting: one a second is tried, and with the first answer all go on`() {
        var queue = queue(10)
        for number in 0..<10 { #expect(queue.next(at: .at(0)) == .ask(Self.order(number))) }
        for number in 0..<10 { queue.failed(Self.order(number), .unknown(retryAfter: nil), jitter: 0.1 * Double(number), at: .at(0)) }
        // Each probe is put back further; the one that waits the shortest is the next.
        for second in 1...9 {
            #expect(queue.next(at: .at(Double(second) - 0.01)) == .wait(until: .at(Double(second))))
            guard case .ask(let order) = queue.next(at: .at(Double(second))) else { return #expect(Bool(false), "nobody is tried") }
            queue.failed(order, .unknown(retryAfter: nil), jitter: 1, at: .at(Double(second)))
        }
        guard case .ask(let probe) = queue.next(at: .at(10)) else { return #expect(Bool(false), "nobody is tried") }
        queue.answered(probe)
        queue.settled(probe)
        var asked = 0
        while case .ask = queue.next(at: .at(10)) { asked += 1 }
        #expect(asked == 9)
    }

    @Test func `what the provider has put off or refuses is not tried sooner because the circuit is open`() {
        var queue = queue(10)
        for number in 0..<10 {
            _ = queue.next(at: .at(0))
            queue.failed(Self.order(number), number == 0 ? .refused : .unknown(retryAfter: .seconds(40)), jitter: 0, at: .at(0))
        }
        #expect(queue.next(at: .at(2)) == .wait(until: .at(30)))
        #expect(queue.next(at: .at(30)) == .ask(Self.order(0)))
        queue.answered(Self.order(0))
        queue.settled(Self.order(0))
        #expect(queue.next(at: .at(30)) == .wait(until: .at(40)))
    }

    @Test func `an answer in between keeps the circuit closed`() {
        var queue = queue(30)
        for number in 0..<19 {
            _ = queue.next(at: .at(0))
            if number == 9 {
                queue.answered(Self.order(number))
                queue.settled(Self.order(number))
            } else {
                queue.failed(Self.order(number), .unknown(retryAfter: nil), jitter: 0, at: .at(0))
            }
        }
        #expect(!queue.isOpen)
    }
}
