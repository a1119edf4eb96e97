/// Secrets for the broker as systemd hands them over: the credential `kafka.properties` (systemd.exec(5), `LoadCredential=`).
package enum KafkaCredentials {
    static let name = "kafka.properties"

    /// One librdkafka property a line, as `name = value`; empty lines and lines that begin with `#` are passed over.
    static func read(environment: [String: String]) throws(ConfigurationError) -> [String: String] {
        guard let credential = try Credential(name, environment: environment) else { return [:] }
        return try properties(in: credential.contents, of: credential.path)
    }

    /// - Throws: all lines that are no property, by their numbers; never what is in them.
    package static func properties(in contents: [UInt8], of path: String) throws(ConfigurationError) -> [String: String] {
        var properties: [String: String] = [:]
        var problems: [ConfigurationError.Problem] = []
        for (index, line) in contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            if let mark = line.firstIndex(of: UInt8(ascii: "=")), let name = text(line[..<mark]), !name.isEmpty,
                let value = text(line[(mark + 1)...])
            {
                properties[name] = value
            } else {
                problems.append(
                    .init(origin: .file(path, line: index + 1), path: "", message: "is not a librdkafka property, such as name = value"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return properties
    }

    /// librdkafka takes C strings: behind a NUL a secret would silently be cut off.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.contains(0) ? nil : String(validating: trimmed(bytes), as: UTF8.self)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
        }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) }) else { return [] }
        return bytes[first...last]
    }
}
