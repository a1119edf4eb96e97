import Saga

/// Everything that happened in a run, condensed to one number, and printed line by line where somebody looks.
struct Trace {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var steps = 0
    let isPrinted: Bool

    mutating func note(
        _ time: Microseconds, _ service: ServiceName?, _ what: StaticString, _ detail: UInt64, _ text: @autoclosure () -> String
    ) {
        steps += 1
        mix(UInt64(time))
        mix(service.map { UInt64($0.number + 1) } ?? 0)
        // The length of its text tells one kind from most others, and the detail does the rest.
        mix(UInt64(what.utf8CodeUnitCount))
        mix(detail)
        guard isPrinted else { return }
        let seconds = String(time / 1000 + 1_000_000).dropFirst()
        print("\(seconds.prefix(3)).\(seconds.suffix(3))  \(service.map { "\($0)" } ?? "")\t\(what) \(text())")
    }

    private mutating func mix(_ value: UInt64) {
        hash = (hash ^ value) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }
}
