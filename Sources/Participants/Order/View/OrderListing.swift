import AdminAPI
import Console

/// A list of orders that is written page by page, however long it is.
struct OrderListing {
    enum Format { case table, json, csv }

    private let format: Format
    private var isEmpty = true

    init(_ format: Format) {
        self.format = format
    }

    mutating func add(_ orders: [Order]) throws {
        guard !orders.isEmpty else { return }
        defer { isEmpty = false }
        switch format {
        case .table:
            let table = Listing.orders(orders, .current)
            try Output.write(isEmpty ? table : String(table[table.index(after: table.firstIndex(of: "\n") ?? table.startIndex)...]))
        case .json:
            for (index, order) in orders.enumerated() {
                try Output.write((isEmpty && index == 0 ? #"{"orders":["# : ",") + Output.text(of: order))
            }
        case .csv:
            try Output.write((isEmpty ? Self.header : "") + orders.map(Self.line).joined())
        }
    }

    func end(nextCursor: String?) throws {
        switch format {
        case .table: if isEmpty { try Output.write(Listing.orders([], .current)) }
        case .json:
            let cursor = try nextCursor.map { #","nextCursor":\#(try Output.text(of: $0))"# } ?? ""
            try Output.line((isEmpty ? #"{"orders":["# : "") + "]" + cursor + "}")
        case .csv: if isEmpty { try Output.write(Self.header) }
        }
    }

    // MARK: RFC 4180

    private static let header = "orderId,userId,productId,quantity,amount,status,reason,detail,createdAt,updatedAt\r\n"

    private static func line(_ order: Order) -> String {
        let fields: [String] = [
            order.orderId, order.userId.map(String.init) ?? "", String(order.productId), String(order.quantity), String(order.amount),
            order.status.rawValue, order.reason ?? "", order.detail ?? "", order.createdAt, order.updatedAt,
        ]
        return fields.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
