import Testing

@testable import PostgreSQL

@Suite struct ErrorTests {
    @Test(
        arguments: [
            (.unavailable, ["08000", "08006", "53000", "53200", "53300", "57P01", "57P02", "57P03", "57P05", "25006", "25P03", "58030"]),
            (.conflict, ["40001", "40P01", "23505", "55P03"]), (.full, ["53100"]), (.refused, ["28000", "28P01", "3D000", "42501"]),
            (.corrupt, ["XX001", "XX002"]), (.timedOut, ["57014"]),
            (.failed, ["22012", "42601", "42P01", "23502", "25P02", "XX000", "22021"]),
        ] as [(PostgreSQLError.Kind, [String])])
    func `what can be done about an error is told from its SQLSTATE`(_ kind: PostgreSQLError.Kind, _ states: [String]) {
        for state in states { #expect(PostgreSQLError(state: state, "x").kind == kind, "\(state)") }
    }

    @Test func `a description says what was said, what to do, and what is in doubt`() {
        #expect(
            PostgreSQLError(state: "53100", "no space left", isCommitInDoubt: true).description
                == "PostgreSQL: no space left (53100); make room on the server's disk; "
                + "whether what was being committed is durable is not known")
        #expect(PostgreSQLError(.failed, "wrong").description == "PostgreSQL: wrong")
    }

    @Test(
        arguments: [
            (
                """
                connection to server on socket "/tmp/.s.PGSQL.5432" failed: FATAL:  3D000: database "x" does not exist
                LOCATION:  InitPostgres, postinit.c:885

                """, #"connection to server on socket "/tmp/.s.PGSQL.5432" failed: FATAL: database "x" does not exist"#, "3D000"
            ),
            (
                """
                connection to server at "a" failed: Connection refused
                \tIs the server running on that host and accepting TCP/IP connections?
                connection to server at "b" failed: ВАЖНО:  28P01: пользователь не прошёл проверку
                """,
                """
                connection to server at "a" failed: Connection refused; Is the server running on that host and accepting TCP/IP connections?; \
                connection to server at "b" failed: ВАЖНО: пользователь не прошёл проверку
                """, "28P01"
            ),
            ("could not translate host name \"a:  b: c\"", "could not translate host name \"a:  b: c\"", nil),
            ("", "the connection was lost", nil),
        ] as [(String, String, String?)])
    func `what libpq says of a connection becomes one line and an SQLSTATE, in any language`(
        _ text: String, _ message: String, _ state: String?
    ) {
        let report = FailureReport(text)
        #expect(report.message == message)
        #expect(report.state == state)
    }
}
