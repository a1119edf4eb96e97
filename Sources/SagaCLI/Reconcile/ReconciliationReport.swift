import Console
/// What is off between the daemons. Its JSON is `{"problems":[{"orderId","problem"}]}`; a problem with a product's stock names the product instead.
struct ReconciliationReport: Encodable, Equatable {
    struct Problem: Encodable, Equatable {
        let orderId: String?
        let productId: Int64?
        let problem: String

        static func order(_ orderId: String, _ problem: String) -> Self { Self(orderId: orderId, productId: nil, problem: problem) }
        static func product(_ productId: Int64, _ problem: String) -> Self { Self(orderId: nil, productId: productId, problem: problem) }
    }

    var problems: [Problem] = []
    /// Products whose stock changed with every look, so that nothing can be said about them.
    var unsettled: [Int64] = []
    /// How many orders were looked at.
    var orders = 0

    private enum CodingKeys: CodingKey { case problems }

    func render(_ style: Style) -> String {
        guard !problems.isEmpty else { return style.paint("stock and money agree with \(orders) orders", .green) + "\n" }
        let lines = problems.map { problem in
            let subject = problem.orderId.map { "order \($0)" } ?? problem.productId.map { "product \($0)" } ?? ""
            return style.paint(subject.printable, .bold) + "\n  " + problem.problem.printable + "\n"
        }
        return lines.joined() + "\n" + style.paint("\(problems.count) problems", .red, .bold) + "\n"
    }
}
