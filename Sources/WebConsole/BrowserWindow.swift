package import Console
import FoundationEssentials
import Glibc

/// Opens an address in the user's browser, by way of a file that only this user may read: on a command line every user of the machine
/// would see the token.
package struct BrowserWindow {
    private let directory: String

    /// - Throws: where there is nothing to open it with; then the address can still be opened by hand.
    package init(showing address: String) throws(Failure) {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/sagactl-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BrowserWindow.failure(errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            let page = #"<!doctype html><meta http-equiv="refresh" content="0;url=\#(address)"><title>sagad</title>"#
            try page.write(toFile: "\(directory)/sagad.html", atomically: false, encoding: .utf8)
            try BrowserWindow.start(["xdg-open", "\(directory)/sagad.html"])
        } catch {
            remove()
            throw (error as? Failure) ?? BrowserWindow.failure(errno)
        }
    }

    package func remove() { try? FileManager.default.removeItem(atPath: directory) }

    private static func start(_ command: [String]) throws(Failure) {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The terminal and standard output are not for a browser.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        var pid = pid_t()
        let code = posix_spawnp(&pid, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else { throw failure(code) }
    }

    private static func failure(_ code: CInt) -> Failure {
        Failure(.notSo, "cannot open a browser: \(String(cString: strerror(code)))", advice: "open the address by hand")
    }
}
