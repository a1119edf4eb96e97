import HTTPServer
import Testing

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/"), ("/orders", "/orders"), ("/orders/", "/orders"), ("//orders", "/orders"), ("/orders//1///cancel/", "/orders/1/cancel"),
        ("//", "/"), ("/./orders", "/orders"), ("/x/../orders", "/orders"), ("/../../orders", "/orders"), ("/orders/.", "/orders"),
        ("/%6Frders", "/orders"), ("/%6frder%73", "/orders"), ("/x/%2e%2E/orders", "/orders"), ("/orders%2f1", "/orders%2F1"),
        ("/orders/%00", "/orders/%00"), ("/Orders", "/Orders"), ("/orders?a=//b/../c&d=%2e", "/orders?a=//b/../c&d=%2e"),
        ("/orders/?x", "/orders?x"), ("/orders?", "/orders?"), ("/.hidden", "/.hidden"), ("/a.b", "/a.b"), ("*", "*"),
    ])
    func `a path has one spelling`(_ target: String, _ expected: String) {
        #expect(RequestTarget(target)?.text == expected)
        #expect(RequestTarget(target)?.authority == nil)
    }

    @Test(arguments: [
        ("http://a/orders", "/orders", "a"), ("HTTP://A:80/orders/?x=1", "/orders?x=1", "A:80"), ("https://[::1]:1", "/", "[::1]:1"),
        ("http://a?x", "/?x", "a"),
    ])
    func `the absolute form is a path and a host`(_ target: String, _ path: String, _ host: String) {
        #expect(RequestTarget(target)?.text == path)
        #expect(RequestTarget(target)?.authority == host)
    }

    @Test(arguments: [
        "", "orders", "/%", "/%6", "/%zz", "/%+1", "/orders#x", "/a b", "/\u{7F}", "/ü", "ftp://a/orders", "**", "*/", "a:80", "?",
    ])
    func `what is no target is refused`(_ target: String) {
        #expect(RequestTarget(target) == nil)
    }
}
