import CLibpq

/// A connection string taken apart (libpq, "Connection Strings"), a server at a time.
///
/// Nothing of it is in an error: a password that was not quoted as it should be may be anywhere in it.
struct ConnectionString {
    private let options: [String: String]

    init(_ text: String) throws(PostgreSQLError) {
        var problem: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(text, &problem) else {
            PQfreemem(problem)
            throw ConnectionString.unreadable
        }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // What is left of a password in a URI with an `@`, `/` or `:` that is not percent-encoded.
        let ports = ConnectionString.list(options["port"])
        let isURI = text.hasPrefix("postgres"), hasStrayName = isURI && !text.contains("%40") && options["dbname"]?.contains("@") == true
        guard !hasStrayName, ports.allSatisfy({ $0.isEmpty || Int($0) != nil }),
            !ConnectionString.list(options["host"]).contains(where: { $0.dropFirst().contains("@") && !$0.hasPrefix("/") })
        else { throw ConnectionString.unreadable }
        self.options = options
    }

    private static let unreadable = PostgreSQLError(
        .refused,
        "the connection string cannot be read: it is either `host=… dbname=…`, with values that contain blanks in single quotes, or a URI "
            + "`postgresql://user@host/database`, with special characters percent-encoded")

    subscript(keyword: String) -> String? { options[keyword] }

    /// The options for each server that is named, in order.
    ///
    /// libpq can go through them by itself, but where it does not block it never leaves a server that takes the connection and then says
    /// nothing, as a machine does whose database hangs.
    var servers: [[String: String]] {
        let lists = ["host", "hostaddr", "port"].map { ($0, ConnectionString.list(options[$0])) }
        let count = max(lists[0].1.count, lists[1].1.count)
        // Lists of different lengths are for libpq to complain about. One port is for all.
        guard count > 1, lists.allSatisfy({ [0, count].contains($0.1.count) || $0.0 == "port" && $0.1.count == 1 }) else {
            return [options]
        }
        return (0..<count).map { index in
            options.merging(lists.filter { $0.1.count == count }.map { ($0.0, $0.1[index]) }) { $1 }
        }
    }

    private static func list(_ value: String?) -> [String] {
        value.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }
}
