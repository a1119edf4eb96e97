import CLibpq

/// What libpq says of a connection that has failed, in one line.
///
/// For a result it has fields (`PQresultErrorField`), for a connection there is this text only: `FATAL:  28P01: password …`, a line
/// for each try, with lines of `LOCATION:` and the like between them.
struct FailureReport {
    let message: String
    /// Of the last try that has one.
    let state: String?

    init(_ connection: OpaquePointer) {
        self.init(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
    }

    init(_ text: String) {
        var state: String?
        let lines = text.split { "\n\t".contains($0) }.filter { !$0.hasPrefix("LOCATION: ") }.map { line in
            // The severity, then two blanks, is in the server's language; the SQLSTATE after it is five capitals and digits.
            guard let start = line.firstRange(of: ":  ")?.upperBound, let end = line[start...].firstRange(of: ": ")?.lowerBound,
                line[start..<end].count == 5, line[start..<end].allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) })
            else { return String(line) }
            state = String(line[start..<end])
            return line[..<start].dropLast() + String(line[end...].dropFirst(2))
        }
        self.state = state
        message = lines.isEmpty ? "the connection was lost" : lines.joined(separator: "; ")
    }
}
