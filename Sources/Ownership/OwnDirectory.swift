package import Glibc

/// A directory in which only this process's user (and root) may make, replace and remove files.
package enum OwnDirectory {
    /// Makes what is missing on the way with `mode`, whatever the umask, and takes from the directory itself what `mode` gives nobody.
    ///
    /// - Throws: `UntrustedPath` where somebody else owns it or what is above it, or may write there.
    package static func make(_ path: String, mode: mode_t) throws(UntrustedPath) {
        for end in path.indices.dropFirst().filter({ path[$0] == "/" }) + [path.endIndex] {
            let here = String(path[..<end])
            if mkdir(here, mode) == 0 {
                chmod(here, mode)
            } else if errno != EEXIST {
                throw .unusable(here, errno)
            }
        }
        let chain = try DirectoryChain(of: path)
        try chain.requireTrusted()
        let directory = chain.last
        guard !directory.isShared else { throw .writable(directory.path, owner: directory.owner, mode: directory.mode) }
        let permissions = directory.mode & 0o7777
        if permissions & mode != permissions, directory.owner == geteuid() { chmod(directory.path, permissions & mode) }
    }

    /// Looks at a file in it before it is opened, and takes from it what `mode` gives nobody. One that is not there is fine.
    ///
    /// - Throws: `UntrustedPath` for what is no file, belongs to somebody else, or could be written by others.
    package static func checkFile(_ path: String, mode: mode_t) throws(UntrustedPath) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .unusable(path, errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw .foreign(path, owner: status.st_uid, mode: status.st_mode, user: geteuid())
        }
        guard status.st_mode & 0o022 == 0 else { throw .writable(path, owner: status.st_uid, mode: status.st_mode) }
        let permissions = status.st_mode & 0o7777
        if permissions & mode != permissions, status.st_uid == geteuid() { chmod(path, permissions & mode) }
    }
}
