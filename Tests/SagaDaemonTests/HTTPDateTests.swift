import Testing

@testable import HTTPServer

@Suite struct HTTPDateTests {
    @Test(arguments: [
        // The example of RFC 9110, section 5.6.7.
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
    ])
    func `a date is written as HTTP writes it`(_ second: Int, _ text: String) {
        #expect(HTTPDate.text(second) == text)
    }
}
