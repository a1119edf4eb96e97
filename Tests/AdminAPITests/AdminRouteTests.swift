import Testing

@testable import AdminAPI

@Suite struct AdminRouteTests {
    @Test(
        arguments: [
            (AdminRoute.status, [], [], "/status"),
            (.order, ["o-1"], [], "/orders/o-1"),
            (.retryDeadLetter, ["d-1"], [], "/dead-letters/d-1/retry"),
            (.order, ["a/b?c d"], [], "/orders/a%2Fb%3Fc%20d"),
            (.order, ["é\n"], [], "/orders/%C3%A9%0A"),
            (.orders, [], [("limit", "5"), ("cursor", "a+b=&")], "/orders?limit=5&cursor=a%2Bb%3D%26"),
        ] as [(AdminRoute, [String], [(String, String)], String)])
    func `arguments fill the template and cannot leave their place`(
        route: AdminRoute, arguments: [String], query: [(String, String)], target: String
    ) {
        #expect(route.target(arguments, query: query.map { (name: $0.0, value: $0.1) }) == target)
    }

    @Test func `no two routes are the same`() {
        #expect(Set(AdminRoute.all.map { "\($0.method) \($0.template)" }).count == AdminRoute.all.count)
    }
}
