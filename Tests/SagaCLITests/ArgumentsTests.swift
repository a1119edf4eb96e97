import ArgumentParser
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct ArgumentsTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("1d", .seconds(86400)),
        ("1.5s", .milliseconds(1500)),
    ])
    func `a duration is a number with its unit`(text: String, duration: Duration) throws {
        #expect(try Arguments.duration(text) == duration)
    }

    @Test(arguments: ["", "10", "s", "0s", "-1s", "+1s", "1 s", "1w", "ms", "infs", "nans", "0x1s", "9999999d"])
    func `anything else is no duration`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.duration(text) }
    }

    @Test(arguments: [("1", 1), ("9007199254740991", 9_007_199_254_740_991)] as [(String, Int64)])
    func `numbers go to 2^53-1`(text: String, number: Int64) throws {
        #expect(try Arguments.positive(text) == number)
    }

    @Test(arguments: ["0", "-1", "9007199254740992", "1.0", "1e3", "", "one", "99999999999999999999"])
    func `other numbers are refused`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.positive(text) }
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "k", count: 256)])
    func `an idempotency key is visible ASCII`(key: String) {
        #expect(throws: ValidationError.self) { try Arguments.idempotencyKey(key) }
    }
}
