import Glibc
import Testing

@testable import SagaConfiguration

@Suite struct ConfigurationLoadTests {
    private func problems(file: String?, _ environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.load(file: file, environment: environment)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `a named file is read, and the environment wins over it`() throws {
        let file = try TemporaryFile("logLevel: debug\nbacklogLimit: 5\n")
        let configuration = try Configuration.load(file: file.path, environment: ["SAGAD_BACKLOG_LIMIT": "6", "PATH": "/bin"])
        #expect(configuration == changed { ($0.logLevel, $0.backlogLimit) = (.debug, 6) })
    }

    @Test func `the default file may be missing, a named one may not`() throws {
        let nothing = try TemporaryFile()
        #expect(try Configuration.load(file: nothing.path, mayBeMissing: true, environment: [:]) == .default)
        #expect(problems(file: nothing.path) == ["\(nothing.path): does not exist"])
    }

    @Test func `a default file that is there is read`() throws {
        let file = try TemporaryFile("logLevel: debug")
        let configuration = try Configuration.load(file: file.path, mayBeMissing: true, environment: [:])
        #expect(configuration.logLevel == .debug)
    }

    @Test func `a directory is not a file`() throws {
        let place = try TemporaryFile()
        mkdir(place.path, 0o700)
        #expect(problems(file: place.path) == ["\(place.path): is a directory, not a file"])
    }

    @Test func `a file that cannot be opened says why, and the environment is still checked`() throws {
        let loop = try TemporaryFile()
        symlink("sagad.yaml", loop.path)
        #expect(
            problems(file: loop.path, ["SAGAD_ORDER_HTTP_PORT": "0"]) == [
                "\(loop.path): cannot be read: Too many levels of symbolic links",
                "SAGAD_ORDER_HTTP_PORT: order.http.port: 0 is out of range (1 to 65535)",
            ])
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a file without read permission is an error`() throws {
        let file = try TemporaryFile("logLevel: debug")
        chmod(file.path, 0)
        #expect(problems(file: file.path) == ["\(file.path): cannot be read: Permission denied"])
    }

    @Test func `a file may have 1 MiB and not a byte more`() throws {
        let limit = 1 << 20
        let largest = try TemporaryFile(bytes: Array(repeating: UInt8(ascii: "#"), count: limit))
        #expect(try Configuration.load(file: largest.path, environment: [:]) == .default)
        let tooLarge = try TemporaryFile(bytes: Array(repeating: UInt8(ascii: "#"), count: limit + 1))
        #expect(problems(file: tooLarge.path) == ["\(tooLarge.path): is larger than 1048576 bytes"])
        #expect(problems(file: "/dev/zero") == ["/dev/zero: is larger than 1048576 bytes"])
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "{}", "kafka:\n", "order:\n  http:\n", "\u{FEFF}logLevel: info\r\n", "~"])
    func `a file that says nothing means the defaults`(yaml: String) throws {
        #expect(try load(yaml) == .default)
    }
}
