import Testing
import Wire

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("1ms", Duration.milliseconds(1)), ("1.5s", .milliseconds(1500)), ("60s", .seconds(60)), ("5m", .seconds(300)),
        ("0.5h", .seconds(1800)), ("7d", .seconds(604_800)), ("36500d", .seconds(3_153_600_000)), ("0.000001ms", .nanoseconds(1)),
        ("0.123456789s", .nanoseconds(123_456_789)), ("007s", .seconds(7)),
    ])
    func `a duration is a number with a unit`(text: String, duration: Duration) throws {
        #expect(try DurationText.read(text) == duration)
    }

    @Test(arguments: [
        "", "s", "5", "1.5", "-1s", "+1s", "0s", "0.0d", ".5s", "5.s", "1.5.5s", "1 s", " 1s", "1S", "1sec", "1s2s", "1e3s", "0x1s", "1_0s",
        "infs",
        "nans", "٣s", "36501d", "36500.000001d", "99999999999999999999s", "170141183460469231731687303715884105728d", "1.0000000001s",
        "0.0000001ms",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: DurationText.Refusal.self) { try DurationText.read(text) }
    }

    @Test(arguments: [
        (Duration.seconds(604_800), "7d"), (.seconds(60), "1m"), (.seconds(90), "90s"), (.milliseconds(1500), "1500ms"),
        (.microseconds(1500), "1.5ms"), (.nanoseconds(1_000_001), "1.000001ms"), (.nanoseconds(10), "0.00001ms"),
    ])
    func `a duration is written so that it reads the same`(duration: Duration, text: String) throws {
        #expect(DurationText.write(duration) == text)
        #expect(try DurationText.read(text) == duration)
    }
}
