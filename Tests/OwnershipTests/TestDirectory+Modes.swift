import SagaTestSupport
import Foundation

/// Below /tmp, which everybody can write.
extension TestDirectory {
    /// Makes a directory in it.
    func directory(_ name: String, mode: mode_t = 0o700, owner: uid_t? = nil) throws -> String {
        let directory = "\(path)/\(name)"
        guard mkdir(directory, 0o700) == 0, chmod(directory, mode) == 0, owner.map({ chown(directory, $0, $0) }) ?? 0 == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return directory
    }

    func file(_ name: String, mode: mode_t, owner: uid_t? = nil) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_CREAT | O_WRONLY, 0o600)
        guard descriptor >= 0, fchmod(descriptor, mode) == 0, owner.map({ fchown(descriptor, $0, $0) }) ?? 0 == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        close(descriptor)
        return file
    }
}

func mode(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

let nobody: uid_t = 65534
let isRoot = geteuid() == 0
