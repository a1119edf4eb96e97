import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The checkers the other tests rely on: they must see what is wrong.
@Suite struct CheckerTests {
    @Test(arguments: [
        (#"{"type":"object","required":["a"]}"#, #"{"b":1}"#),
        (#"{"type":"object","additionalProperties":false,"properties":{"a":{}}}"#, #"{"a":1,"b":1}"#),
        (#"{"properties":{"a":{"type":"integer"}}}"#, #"{"a":"1"}"#),
        (#"{"properties":{"a":false}}"#, #"{"a":1}"#),
        (#"{"minimum":1}"#, "0"), (#"{"maximum":9007199254740991}"#, "9007199254740992"), (#"{"type":"integer"}"#, "1.5"),
        (#"{"enum":["A","B"]}"#, #""C""#), (#"{"const":"A"}"#, #""a""#), (#"{"pattern":"^[a-f]+$"}"#, #""abcg""#),
        (#"{"format":"uuid"}"#, #""019a3c5e""#), (#"{"format":"date-time"}"#, #""2026-13-31T08:15:30.125Z""#),
        (#"{"minLength":2}"#, #""a""#), (#"{"maxLength":2}"#, #""abc""#), (#"{"type":"array","items":{"type":"string"}}"#, "[1]"),
        (#"{"maxItems":1}"#, "[1,2]"), (#"{"allOf":[{},{"type":"null"}]}"#, "1"), (##"{"$ref":"#/nowhere"}"##, "1"),
        (#"{"if":{"const":1},"then":false}"#, "1"), (#"{"if":{"const":1},"else":false}"#, "2"), (#"{"uniqueItems":true}"#, "[]"),
    ])
    func `a value that breaks its schema is seen`(_ schema: String, _ value: String) throws {
        let checker = JSONSchema(document: try JSONValue(parsing: Array("{}".utf8)))
        #expect(
            checker.problems(of: try JSONValue(parsing: Array(value.utf8)), as: try JSONValue(parsing: Array(schema.utf8))).count == 1)
    }

    @Test(arguments: [
        ("GET", "/orders/x", "418 Teapot", "", "{}"),  // a status of its own
        ("GET", "/orders", "200 OK", "Content-Type: application/json", #"{"orders":[],"more":1}"#),  // a member too many
        ("GET", "/orders", "200 OK", "Content-Type: text/plain", #"{"orders":[]}"#),
        ("GET", "/nowhere", "404 Not Found", "", ""),  // no problem
        ("PUT", "/orders", "405 Method Not Allowed", "Content-Type: application/problem+json", "{}"),  // without Allow
        (
            "GET", "/readyz", "503 Unavailable", "Content-Type: application/problem+json",  // without Retry-After
            #"{"type":"about:blank","title":"t","status":503,"detail":"d"}"#
        ),
    ])
    func `an answer that was not promised is seen`(_ method: String, _ target: String, _ status: String, _ field: String, _ body: String)
        throws
    {
        let field = field.isEmpty ? "" : field + "\r\n"
        let text = "HTTP/1.1 \(status)\r\n\(field)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let (answer, _) = try #require(HTTPAnswer.parse(Array(text.utf8), to: method))
        #expect(try ServiceName.order.contract().problems(of: answer, to: method, target).count == 1)
    }
}
