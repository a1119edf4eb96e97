import SeededNumbers
import SagaTestSupport
import Testing
@testable import Wire

@Suite struct IDTests {
    // MARK: Text

    @Test(
        "A UUID is read in either case and written in lower case",
        arguments: [
            ("00000000-0000-0000-0000-000000000000", UInt128.min), ("ffffffff-ffff-ffff-ffff-ffffffffffff", .max),
            ("01234567-89ab-cdef-0123-456789abcdef", 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF),
        ])
    func text(text: String, bits: UInt128) {
        #expect(ThingID(text) == ThingID(bits: bits))
        #expect(ThingID(text.uppercased()) == ThingID(bits: bits))
        #expect(ThingID(Substring(text)) == ThingID(bits: bits))
        #expect(ThingID(bits: bits).description == text)
    }

    @Test("Any UUID survives printing and parsing, and sorts as its text does")
    func roundTrip() {
        var random = SplitMix64(seed: 3)
        var previous = ThingID(bits: 0)
        for _ in 0..<1_000 {
            let id = ThingID(bits: UInt128(random.next()) << 64 | UInt128(random.next()))
            #expect(ThingID(id.description) == id)
            #expect((previous < id) == (previous.description < id.description))
            previous = id
        }
    }

    @Test(
        "What is not a UUID is refused",
        arguments: [
            "", "0198a1f0", "0198a1f05c007abc8def0123456789ab", "0198a1f0-5c00-7abc-8def-0123456789a",
            "0198a1f0-5c00-7abc-8def-0123456789abc", "0198a1f0-5c00-7abc-8def-0123456789ab-",
            "0198a1f-05c00-7abc-8def-0123456789ab", "0198a1f0_5c00_7abc_8def_0123456789ab",
            "0198a1f0-5c00-7abc-8def-0123456789ag", "0198a1f0-5c00-7abc-8def-0123456789a@",
            "0198a1f0-5c00-7abc-8def-0123456789a`", "-198a1f0-5c00-7abc-8def-0123456789ab",
            " 0198a1f0-5c00-7abc-8def-0123456789ab", "0198a1f0-5c00-7abc-8def-0123456789ab\n",
            "{0198a1f0-5c00-7abc-8def-0123456789ab}", "urn:uuid:0198a1f0-5c00-7abc-8def-0123456789ab",
            "0198a1f0-5c00-7abc-8def-0123456789\u{E9}",
        ])
    func refusals(text: String) {
        #expect(ThingID(text) == nil)
    }

    // MARK: Version 7

    /// The fields of RFC 9562, section 5.7.
    private struct Fields {
        let time, version, variant: UInt64

        init(_ id: ThingID) {
            time = UInt64(id.bits >> 80)
            version = UInt64(id.bits >> 76 & 0xF)
            variant = UInt64(id.bits >> 62 & 0b11)
        }
    }

    @Test("An id says version 7, the RFC's variant and the millisecond", arguments: [UInt64.min, 0xFFFF, .max])
    func layout(random: UInt64) {
        var ids = IDGenerator(random: ConstantNumbers(value: random))
        for milliseconds: Int64 in [1, 1_780_000_000_000, (1 << 48) - 1] {
            let fields = Fields(ids.next(at: Timestamp(milliseconds: milliseconds)))
            #expect(fields.time == UInt64(milliseconds))
            #expect(fields.version == 7)
            #expect(fields.variant == 0b10)
        }
    }

    @Test("Every bit that is not fixed is random from one millisecond to the next, but for the counter's head room")
    func randomBits() {
        var ids = IDGenerator(random: SplitMix64(seed: 4))
        var (ones, zeros) = (UInt128.min, UInt128.min)
        for millisecond in 0..<200 {
            let id: ThingID = ids.next(at: Timestamp(milliseconds: 1_000 + Int64(millisecond)))
            ones |= id.bits
            zeros |= ~id.bits
        }
        let free = ((UInt128(1) << 11 - 1) << 64) | (UInt128(1) << 62 - 1)
        #expect(ones & zeros & free == free)
    }

    @Test("Ids grow within a millisecond, when the clock stands and when it goes back", arguments: 1...4)
    func monotonic(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var ids = IDGenerator(random: SplitMix64(seed: seed))
        var now = Sample.now
        var previous: ThingID = ids.next(at: now)
        for _ in 0..<10_000 {
            now.microseconds += [0, 300, 1_000, -60_000_000, 60_000_001].randomElement(using: &random)!
            let id: ThingID = ids.next(at: now)
            #expect(previous < id)
            let fields = Fields(id)
            #expect(fields.version == 7 && fields.variant == 0b10)
            previous = id
        }
    }

    @Test("A time before 1970 is no reason to fall back")
    func beforeTheEpoch() {
        var ids = IDGenerator(random: SplitMix64(seed: 5))
        let first: ThingID = ids.next(at: Timestamp(milliseconds: -5))
        let second: ThingID = ids.next(at: Timestamp(microseconds: .min))
        #expect(first < second)
        #expect(Fields(second).time == 0)
    }

    @Test("Ids grow even if chance adds nothing", arguments: [UInt64.min, .max])
    func constantRandom(random: UInt64) {
        var ids = IDGenerator(random: ConstantNumbers(value: random))
        let (first, second): (ThingID, ThingID) = (ids.next(at: Sample.now), ids.next(at: Sample.now))
        #expect(first < second)
    }

    @Test("The counter carries from field to field, and borrows from the next millisecond when it is used up", arguments: [62, 73, 74])
    func carry(bits: Int) {
        var ids = IDGenerator(random: SplitMix64(seed: 6))
        let _: ThingID = ids.next(at: Sample.now)
        ids.tail = (1 << bits) - (1 << 33)
        var previous: ThingID = ids.next(at: Sample.now)
        #expect(Fields(previous).time == UInt64(Sample.now.milliseconds))
        for _ in 0..<10 {
            let id: ThingID = ids.next(at: Sample.now)
            #expect(previous < id)
            #expect(Fields(id).version == 7 && Fields(id).variant == 0b10)
            previous = id
        }
        #expect(Fields(previous).time == UInt64(Sample.now.milliseconds) + (bits == 74 ? 1 : 0))
    }

    @Test("The same seed makes the same ids")
    func deterministic() {
        var (a, b) = (IDGenerator(random: SplitMix64(seed: 7)), IDGenerator(random: SplitMix64(seed: 7)))
        for _ in 0..<5 {
            let (id, same): (ThingID, ThingID) = (a.next(at: Sample.now), b.next(at: Sample.now))
            #expect(id == same)
        }
    }
}
