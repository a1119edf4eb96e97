import Glibc
import Ownership

/// Keeps a second process out of a directory, for as long as it lives; the kernel lets go when the process ends, however it ends.
///
/// The directory itself is locked, so that removing a file admits nobody, and the file `lock`, which is what 0.1.0 locks.
struct DirectoryLock: ~Copyable, Sendable {
    private let directory: Int32
    private let file: Int32
    /// Of the files in it; those of the directory itself are 0750.
    private static let mode: mode_t = 0o640

    init(directory path: String) throws(StoreError) {
        do {
            try OwnDirectory.make(path, mode: 0o750)
        } catch {
            throw .unusableDirectory("\(error)")
        }
        let locked = try DirectoryLock.lock(path, O_RDONLY | O_DIRECTORY, of: path)
        do {
            try DirectoryLock.check(path + "/lock")
            file = try DirectoryLock.lock(path + "/lock", O_RDWR | O_CREAT, of: path)
        } catch {
            Glibc.close(locked)
            throw error
        }
        directory = locked
    }

    deinit {
        for descriptor in [file, directory] {
            // Closing does not let go while a process that is just being started has a copy (flock(2)).
            flock(descriptor, LOCK_UN)
            Glibc.close(descriptor)
        }
    }

    /// Refuses a file that somebody else could have written, and closes one that others can read.
    func check(_ path: String) throws(StoreError) {
        try DirectoryLock.check(path)
    }

    /// Makes a file that others cannot read, where it is missing.
    func makeFile(_ path: String) throws(StoreError) {
        // Before SQLite has it open: closing any descriptor of a file gives up the process's locks on it (fcntl(2)).
        Glibc.close(try DirectoryLock.open(path, O_RDWR | O_CREAT))
    }

    private static func check(_ path: String) throws(StoreError) {
        do {
            try OwnDirectory.checkFile(path, mode: mode)
        } catch {
            throw .unusableDirectory("\(error)")
        }
    }

    private static func lock(_ path: String, _ flags: Int32, of directory: String) throws(StoreError) -> Int32 {
        let descriptor = try open(path, flags)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw .anotherInstance(using: directory)
        }
        return descriptor
    }

    private static func open(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .unusableDirectory("\(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }
}
