import SagaTestSupport
import ServiceTestSupport
import Testing

@Suite struct OrderBodyTests {
    private static let good = #"{"userId":1,"productId":1,"quantity":1,"amount":1000}"#

    private static let unreadable: [(String, [UInt8])] = [
        ("", []), ("{", Array("{".utf8)), ("no JSON", Array("order".utf8)), ("half", Array(good.dropLast().utf8)),
        ("two values", Array((good + good).utf8)), ("a comma too many", Array(#"{"userId":1,}"#.utf8)),
        ("a member twice", Array(#"{"userId":1,"userId":1,"productId":1,"quantity":1,"amount":1}"#.utf8)),
        ("an array", Array("[\(good)]".utf8)), ("null", Array("null".utf8)), ("single quotes", Array("{'userId':1}".utf8)),
        ("a leading zero", Array(#"{"userId":01,"productId":1,"quantity":1,"amount":1}"#.utf8)),
        ("a plus", Array(#"{"userId":+1,"productId":1,"quantity":1,"amount":1}"#.utf8)),
        ("not a number", Array(#"{"userId":NaN,"productId":1,"quantity":1,"amount":1}"#.utf8)),
        ("a byte order mark", [0xEF, 0xBB, 0xBF] + Array(good.utf8)),
        ("bad UTF-8", Array(#"{"userId":1,"productId":1,"quantity":1,"x":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)),
        ("an overlong character", Array(#"{"userId":1,"x":""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8)),
        ("half a surrogate pair", Array(#"{"userId":1,"x":"\ud800"}"#.utf8)),
        ("a control character", Array("{\"userId\":1,\"x\":\"\u{1}\"}".utf8)),
        ("UTF-16", Array(good.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })),
        ("deep nesting", Array(String(repeating: "[", count: 60_000).utf8)),
        ("deep objects", Array(String(repeating: #"{"a":"#, count: 12_000).utf8)),
    ]

    private static let wrong: [String] =
        [
            "{}", #"{"userId":1,"productId":1,"quantity":1}"#, #"{"userId":1,"productId":1,"quantity":1,"amount":1,"more":1}"#,
            #"{"userId":1,"productId":1,"quantity":1,"amount":1,"orderId":"019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e"}"#,
            #"{"UserId":1,"productId":1,"quantity":1,"amount":1}"#,
        ]
        + [
            "0", "-1", "1.0", "1.5", "1e3", "9007199254740992", "9223372036854775808", "18446744073709551617", "1e400", #""1""#, "true",
            "null", "[]", "{}",
        ]
        .flatMap { value in
            [
                #"{"userId":\#(value),"productId":1,"quantity":1,"amount":1}"#,
                #"{"userId":1,"productId":\#(value),"quantity":1,"amount":1}"#,
                #"{"userId":1,"productId":1,"quantity":\#(value),"amount":1}"#,
                #"{"userId":1,"productId":1,"quantity":1,"amount":\#(value)}"#,
            ]
        }

    @Test func `Fault 34, bad JSON, bad UTF-8, bad numbers, deep nesting: 400 or 422, no row`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            for (name, body) in OrderBodyTests.unreadable {
                let answer = try await orders.ask("POST", "/orders", headers: [("Content-Type", "application/json")], body: body)
                #expect(answer.status == 400, "\(name)")
            }
            for body in OrderBodyTests.wrong { #expect(try await orders.post("/orders", json: body).status == 422, "\(body)") }
            #expect(try await orders.get("/orders").text == #"{"orders":[]}"#)
            #expect(service.published().isEmpty)
        }
    }
}
