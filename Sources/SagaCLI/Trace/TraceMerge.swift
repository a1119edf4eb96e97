import Console
import struct Saga.ServiceName
import AdminAPI

/// Puts the steps of the daemons into one order: by time, but an effect never before its cause, and each daemon's steps as it did them.
///
/// Causes are known by event id: an event is received after it was emitted, and what names it as causation follows its being
/// received in the same daemon. Clocks of different hosts disagree by more than a saga takes, so time alone would put
/// answers before questions.
enum TraceMerge {
    static func merge(_ traces: [DaemonTrace]) -> [TraceStep] {
        let steps = traces.sorted { $0.service < $1.service }.flatMap(\.steps)
        return timed(order(steps))
    }

    private struct Reception: Hashable {
        let service: ServiceName
        let eventId: String
    }

    /// A topological order that takes the earliest of the steps whose causes are all out.
    private static func order(_ steps: [TraceStep]) -> [TraceStep] {
        let effects = effects(steps)
        var openCauses = Array(repeating: 0, count: steps.count)
        for effect in effects.joined() { openCauses[effect] += 1 }
        var remaining = Array(steps.indices)
        var ordered: [TraceStep] = []
        ordered.reserveCapacity(steps.count)
        while !remaining.isEmpty {
            let free = remaining.indices.filter { openCauses[remaining[$0]] == 0 }
            // Contradictory traces have no free step left; the earliest of all then breaks the circle.
            let candidates = free.isEmpty ? Array(remaining.indices) : free
            func isEarlier(_ left: Int, _ right: Int) -> Bool {
                (steps[remaining[left]].timeMicros, left) < (steps[remaining[right]].timeMicros, right)
            }
            guard let next = candidates.min(by: isEarlier) else { break }
            let step = remaining.remove(at: next)
            for effect in effects[step] { openCauses[effect] -= 1 }
            ordered.append(steps[step])
        }
        return ordered
    }

    /// For each step, the steps that must come after it.
    private static func effects(_ steps: [TraceStep]) -> [[Int]] {
        var emissions: [String: Int] = [:]
        var receptions: [Reception: Int] = [:]
        for (index, step) in steps.enumerated() {
            guard let eventId = step.eventId else { continue }
            switch step.kind {
            case .emitted: if emissions[eventId] == nil { emissions[eventId] = index }
            case .received:
                let reception = Reception(service: step.service, eventId: eventId)
                if receptions[reception] == nil { receptions[reception] = index }
            case .transition: break
            }
        }
        var effects: [[Int]] = Array(repeating: [], count: steps.count)
        for (index, step) in steps.enumerated() {
            if index > 0, steps[index - 1].service == step.service { effects[index - 1].append(index) }
            let cause: Int? =
                switch step.kind {
                case .received: step.eventId.flatMap { emissions[$0] }
                case .emitted, .transition: step.causationId.flatMap { receptions[Reception(service: step.service, eventId: $0)] }
                }
            if let cause, cause != index { effects[cause].append(index) }
        }
        return effects
    }

    /// Fills in how long after its cause each step came. The first step is the beginning; other steps without a known cause have no duration.
    private static func timed(_ steps: [TraceStep]) -> [TraceStep] {
        var emitted: [String: Int64] = [:]
        var received: [Reception: Int64] = [:]
        var decided: [ServiceName: Int64] = [:]
        return steps.enumerated().map { index, step in
            let cause: Int64? =
                switch step.kind {
                case .received: step.eventId.flatMap { emitted[$0] }
                case .emitted where step.causationId == nil: decided[step.service]
                case .emitted, .transition: step.causationId.flatMap { received[Reception(service: step.service, eventId: $0)] }
                }
            switch step.kind {
            case .emitted: if let eventId = step.eventId { emitted[eventId] = step.timeMicros }
            case .received: if let eventId = step.eventId { received[Reception(service: step.service, eventId: eventId)] = step.timeMicros }
            case .transition: if step.causationId == nil { decided[step.service] = step.timeMicros }
            }
            let start = cause ?? (index == 0 ? step.timeMicros : nil)
            // Skewed clocks may say that an effect came first; what is known then is only that it took no time worth mentioning.
            return step.lasting(start.map { Double(max(0, step.timeMicros - $0)) / 1000 })
        }
    }
}

extension TraceStep {
    fileprivate func lasting(_ durationMs: Double?) -> TraceStep {
        TraceStep(
            timeMicros: timeMicros, service: service, kind: kind, eventType: eventType, eventId: eventId, causationId: causationId,
            from: from, to: to, outcome: outcome, reason: reason, durationMs: durationMs)
    }
}
