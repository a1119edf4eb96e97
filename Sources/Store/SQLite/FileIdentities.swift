import Glibc

/// Which files there were at their paths.
struct FileIdentities: Sendable {
    private struct File: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    private let files: [File]

    /// Those that are not there are not watched.
    init(_ paths: [String]) {
        files = paths.compactMap { FileIdentities.look($0) }
    }

    /// The first that is gone, or another one.
    var changed: String? {
        files.first { file in
            guard let now = FileIdentities.look(file.path) else { return errno == ENOENT || errno == ENOTDIR }
            return (now.device, now.inode) != (file.device, file.inode)
        }?.path
    }

    private static func look(_ path: String) -> File? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return File(path: path, device: status.st_dev, inode: status.st_ino)
    }
}
