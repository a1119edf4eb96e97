import AdminAPI
import Glibc
import NIOCore
import NIOPosix
import Saga

/// One load on one suite, from the first order until the last is final, and what it cost.
///
/// What the suite did is taken from its own counts, not from the generator's: orders by status each second, and at the end that every
/// accepted order is final, that stock was sold for just the approved ones, and that nothing became a dead letter.
struct Measurement {
    let suite: BenchedSuite
    let thing: OrderedThing
    let sampling: Int
    /// How long the last orders may take once no new ones come.
    var drainLimit: Duration = .seconds(120)

    private static let growthFrom = 120

    func run(_ name: String, _ pattern: LoadPattern, for duration: Duration) async throws -> Phase {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let generator = LoadGenerator(loop: loop, target: suite.target, thing: thing, pattern: pattern, sampling: sampling)
        try await generator.connect()
        var phase = Phase(name: name, transport: suite.transport, load: pattern.text)

        let before = try await SuiteSnapshot.take(of: suite, product: thing.product)
        let ownBefore = Measurement.ownCPUSeconds()
        let begin = NIODeadline.now()
        try await generator.begin()
        let progress = Progress(name)
        var residents: [[String: ProcessUsage]] = []
        var last = (counts: LoadCounts(), finished: before.finished)
        let planned = max(1, Int(duration / .seconds(1)))
        for second in 1...planned {
            try await Task.sleep(until: .now + .nanoseconds((begin + .seconds(Int64(second)) - .now()).nanoseconds), clock: .continuous)
            let counts = try await generator.snapshot()
            let status = try await suite.admin(.order).status()
            let finished = (status.orders?["APPROVED"] ?? 0) + (status.orders?["CANCELED"] ?? 0)
            residents.append(SuiteSnapshot.usage(of: suite))
            let sample = Second(
                second: seconds(since: begin), accepted: counts.accepted - last.counts.accepted, finished: finished - last.finished,
                refused: counts.refusals - last.counts.refusals, backlog: status.orders?["PENDING"] ?? 0,
                outbox: status.outbox?.pending ?? 0,
                residentMiB: (Double(residents[second - 1].values.map(\.residentKiB).reduce(0, +)) / 1024).rounded(to: 1))
            phase.series.append(sample)
            progress.show(sample, of: planned)
            last = (counts, finished)
        }
        phase.sendingSeconds = seconds(since: begin)
        let (counts, latencies) = try await generator.end(within: .seconds(60))
        let after = try await drained(total: before.total + counts.accepted)
        progress.end()

        phase.seconds = ((after.taken - begin).nanoseconds.asSeconds).rounded(to: 3)
        phase.fill(counts, latencies)
        phase.approved = after.approved - before.approved
        phase.canceled = after.canceled - before.canceled
        phase.finished = phase.approved + phase.canceled
        phase.acceptedPerSecond = (Double(phase.accepted) / phase.sendingSeconds).rounded(to: 1)
        phase.finishedPerSecond = (Double(phase.finished) / phase.seconds).rounded(to: 1)
        phase.finishedPerSecondWhileSending = (Double(last.finished - before.finished) / phase.sendingSeconds).rounded(to: 1)
        phase.largestBacklog = phase.series.map(\.backlog).max() ?? 0

        let orders = Double(max(1, phase.accepted)), kernelSeconds = phase.seconds
        phase.processes = suite.processes.compactMap { process in
            guard let then = before.usage[process.name], let now = after.usage[process.name] else { return nil }
            let early = residents.count > Measurement.growthFrom ? residents[Measurement.growthFrom - 1][process.name] : nil
            return ProcessCost(process.name, from: then, to: now, early: early, orders: orders, seconds: kernelSeconds)
        }
        for index in phase.processes.indices {
            let name = phase.processes[index].name
            if let then = before.commits[name], let now = after.commits[name] {
                phase.processes[index].syncsPerOrder = (Double(now - then) / orders).rounded(to: 3)
            }
        }
        phase.cpuSecondsPer1000Orders = phase.processes.map(\.cpuSecondsPer1000Orders).reduce(0, +).rounded(to: 4)
        phase.generatorCPUSecondsPer1000Orders = ((Measurement.ownCPUSeconds() - ownBefore) / orders * 1000).rounded(to: 4)
        phase.problems = problems(of: phase, before, after)
        return phase
    }

    /// Waits until every order is final, and the events of all of them have been heard.
    private func drained(total: Int) async throws -> SuiteSnapshot {
        let end = ContinuousClock.now + drainLimit
        while true {
            let snapshot = try await SuiteSnapshot.take(of: suite, product: thing.product)
            let isQuiet = snapshot.pending == 0 && snapshot.total >= total && snapshot.product?.reserved ?? 0 == 0
            if isQuiet || ContinuousClock.now > end { return snapshot }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func problems(of phase: Phase, _ before: SuiteSnapshot, _ after: SuiteSnapshot) -> [String] {
        var problems: [String] = []
        let added = after.total - before.total
        if after.pending > 0 { problems.append("\(after.pending) orders are still PENDING") }
        if added < phase.accepted { problems.append("\(phase.accepted - added) accepted orders are lost") }
        // What was sent over a connection that was lost may have been accepted or not.
        if added > phase.accepted + phase.lost { problems.append("\(added - phase.accepted - phase.lost) orders came from nowhere") }
        if after.deadLetters > before.deadLetters {
            problems.append("\(after.deadLetters - before.deadLetters) events became dead letters")
        }
        if let then = before.product, let now = after.product {
            let sold = Int(now.sold - then.sold), wanted = phase.approved * Int(thing.quantity)
            if sold != wanted { problems.append("\(sold) pieces were sold, \(wanted) were approved") }
            if now.reserved != 0 { problems.append("\(now.reserved) pieces are still reserved") }
            if now.available + now.sold + now.reserved != then.available + then.sold + then.reserved {
                problems.append("stock was made or lost")
            }
        }
        return problems
    }

    private func seconds(since begin: NIODeadline) -> Double {
        (NIODeadline.now() - begin).nanoseconds.asSeconds.rounded(to: 3)
    }

    private static func ownCPUSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
}

extension Phase {
    fileprivate mutating func fill(_ counts: LoadCounts, _ latencies: LoadLatencies) {
        accepted = counts.accepted
        refused = Dictionary(uniqueKeysWithValues: counts.refused.map { (String($0), $1) })
        lost = counts.lost
        unsent = counts.unsent
        post = Latency(latencies.post)
        postToFinal = Latency(latencies.final)
        answer = Latency(latencies.answer)
        refusal = Latency(latencies.refusal)
    }
}

extension ProcessCost {
    fileprivate init(_ name: String, from then: ProcessUsage, to now: ProcessUsage, early: ProcessUsage?, orders: Double, seconds: Double) {
        let cpu = now.cpuSeconds - then.cpuSeconds
        self.name = name
        cpuSecondsPer1000Orders = (cpu / orders * 1000).rounded(to: 4)
        cpuPercent = (cpu / seconds * 100).rounded(to: 1)
        residentMiB = (Double(now.residentKiB) / 1024).rounded(to: 1)
        peakResidentMiB = (Double(now.peakResidentKiB) / 1024).rounded(to: 1)
        residentGrowthMiB = early.map { (Double(now.residentKiB - $0.residentKiB) / 1024).rounded(to: 1) }
        diskBytesPerOrder = (Double(now.writtenBytes - then.writtenBytes) / orders).rounded(to: 0)
    }
}

extension Int64 {
    fileprivate var asSeconds: Double { Double(self) / 1e9 }
}
