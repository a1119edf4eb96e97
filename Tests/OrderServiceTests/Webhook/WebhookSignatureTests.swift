import Posix
import Testing
import Wire

@testable import OrderService

@Suite struct WebhookSignatureTests {
    private static func hex(_ text: String) -> [UInt8] {
        stride(from: 0, to: text.count, by: 2).map { UInt8(text.dropFirst($0).prefix(2), radix: 16)! }
    }

    /// RFC 4231, section 4: key, data, HMAC-SHA-256.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]) func `HMAC as in RFC 4231`(key: [UInt8], data: [UInt8], code: String) {
        #expect(HMAC.code(of: data, key: key) == WebhookSignatureTests.hex(code))
    }

    /// The example of the specification's libraries.
    @Test func `the signature is the one that Standard Webhooks shows`() {
        let fields = WebhookSignature(secrets: [Self.specimen]).fields(
            of: Array(#"{"test": 2432232314}"#.utf8), id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            time: Timestamp(milliseconds: 1_614_265_330_999))
        #expect(fields.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(fields.map(\.value) == ["msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
    }

    /// whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    private static let specimen = hex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0")
}
