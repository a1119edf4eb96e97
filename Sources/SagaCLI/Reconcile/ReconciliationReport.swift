import Console

/// What is off between the daemons, each order once. Its JSON is `{"problems":[{"orderId","kind","problem","repair"}]}`; a problem with a
/// product's stock names the product instead, and after a repair each says whether it is `repaired`.
struct ReconciliationReport: Encodable, Equatable {
    struct Problem: Encodable, Equatable {
        let orderId: String?
        let productId: Int64?
        let kind: Finding.Kind
        let problem: String
        /// The command that mends it.
        let repair: String
        var repaired: Bool?

        /// - Parameter repair: what is to be done first, where that is something else than mending.
        static func order(_ orderId: String, _ findings: [Finding], repair: String? = nil) -> Self {
            Self(
                orderId: orderId, productId: nil, kind: findings.first?.kind ?? .undecided,
                problem: findings.map(\.text).joined(separator: "; "),
                repair: repair ?? "sagactl reconcile --repair --order \(orderId)")
        }

        static func product(_ productId: Int64, _ problem: String) -> Self {
            Self(orderId: nil, productId: productId, kind: .stockMismatch, problem: problem, repair: "sagactl reconcile --repair")
        }
    }

    var problems: [Problem] = []
    /// Products whose stock changed with every look, so that nothing can be said about them.
    var unsettled: [Int64] = []
    /// Why payments could not be compared with the gateway; nil where they were, or there is none.
    var notCompared: String?
    /// How many orders were looked at.
    var orders = 0

    /// Those that nobody has mended.
    var left: [Problem] { problems.filter { $0.repaired != true } }

    private enum CodingKeys: CodingKey { case problems }

    func render(_ style: Style) -> String {
        guard !problems.isEmpty else { return style.paint("stock and money agree with \(Quantity.count(orders, "order"))", .green) + "\n" }
        let lines = problems.map { problem in
            let subject = problem.orderId.map { "order \($0)" } ?? problem.productId.map { "product \($0)" } ?? ""
            let end =
                switch problem.repaired {
                case true?: style.paint("repaired", .green)
                case false?: style.paint("not repaired", .red)
                case nil: problem.repair.printable
                }
            return style.paint(subject.printable, .bold) + "  \(problem.kind.rawValue)\n  " + problem.problem.printable + "\n  \(end)\n"
        }
        let summary = left.isEmpty ? style.paint("all repaired", .green) : style.paint(Quantity.count(left.count, "problem"), .red, .bold)
        return lines.joined() + "\n" + summary + "\n"
    }
}
