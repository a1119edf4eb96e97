/// The password for the database: the credential `postgresql.password`.
enum PostgreSQLCredential {
    static let name = "postgresql.password"

    /// One line, whatever is in it. nil where there is none.
    static func read(environment: [String: String]) throws(ConfigurationError) -> Secret? {
        guard let credential = try Credential(name, environment: environment) else { return nil }
        let bytes = credential.line
        guard let password = String(validating: bytes, as: UTF8.self), !password.isEmpty, !bytes.contains(where: { $0 == 0 || $0 == 10 })
        else { throw credential.problem("is not a password: one line of UTF-8") }
        return Secret(password)
    }
}
