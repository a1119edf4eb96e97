import Foundation
import Testing

@testable import Systemd

@Suite("Sockets passed by the service manager", .serialized)
struct ListenFDsTests {
    /// The kernel gives out the lowest number that is free, so nothing else in the process is near the highest.
    private static let first = CInt(sysconf(CInt(_SC_OPEN_MAX))) - 8

    private func passing<Result>(_ count: CInt, _ body: () throws -> Result) rethrows -> Result {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        for descriptor in Self.first..<(Self.first + count) { dup2(file, descriptor) }
        defer {
            for descriptor in Self.first..<(Self.first + count) { close(descriptor) }
            close(file)
        }
        return try body()
    }

    private func read(_ variables: [String: String]) throws -> ListenFDs {
        try ListenFDs(environment: ServiceEnvironment(variables), firstDescriptor: Self.first, processID: 42)
    }

    @Test("Descriptors come with their names, in order, closed on exec")
    func names() throws {
        try passing(3) {
            let passed = try read(["LISTEN_PID": "42", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "http:admin:http"])
            #expect(passed.descriptors.map(\.name) == ["http", "admin", "http"])
            #expect(passed.descriptors.map(\.descriptor) == [Self.first, Self.first + 1, Self.first + 2])
            #expect(passed.descriptors(named: "http") == [Self.first, Self.first + 2])
            #expect(passed.descriptors(named: "events") == [])
            for (_, descriptor) in passed.descriptors { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        }
    }

    @Test("Without names all are called unknown")
    func unnamed() throws {
        try passing(2) {
            let passed = try read(["LISTEN_PID": "42", "LISTEN_FDS": "2"])
            #expect(passed.descriptors(named: ListenFDs.unnamed) == [Self.first, Self.first + 1])
        }
    }

    @Test(
        "Nothing is taken that is not for this process",
        arguments: [
            [:],
            ["LISTEN_FDS": "1"],
            ["LISTEN_PID": "42"],
            ["LISTEN_PID": "43", "LISTEN_FDS": "1"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "0", "LISTEN_FDNAMES": ""],
        ])
    func nothing(variables: [String: String]) throws {
        #expect(try read(variables).descriptors.isEmpty)
    }

    @Test(
        "What breaks the protocol is an error that names the variable",
        arguments: [
            (["LISTEN_PID": "me", "LISTEN_FDS": "1"], "LISTEN_PID", "me"),
            (["LISTEN_PID": "42", "LISTEN_FDS": "-1"], "LISTEN_FDS", "-1"),
            (["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http"], "LISTEN_FDNAMES", "http"),
            (["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "http:"], "LISTEN_FDNAMES", "http:"),
        ])
    func malformed(variables: [String: String], variable: String, value: String) throws {
        #expect(throws: ListenFDsError.malformed(variable: variable, value: value)) { try read(variables) }
    }

    @Test("A descriptor that is announced but not open is an error")
    func notOpen() throws {
        #expect(throws: ListenFDsError.notOpen(descriptor: Self.first + 1)) {
            try passing(1) { try read(["LISTEN_PID": "42", "LISTEN_FDS": "2"]) }
        }
    }
}
