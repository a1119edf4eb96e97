import CSQLite
import Glibc
import Synchronization

/// Brings SQLite to the disks: its default file system from the first disk on, which leaves every path that is on none to the real one.
enum SimulatedDiskVFS {
    private struct Entry: Sendable {
        weak var disk: SimulatedDisk?
    }

    private static let disks = Mutex<[String: Entry]>([:])

    static func add(_ disk: SimulatedDisk) {
        _ = registration
        disks.withLock { $0[disk.directory] = Entry(disk: disk) }
    }

    static func remove(_ directory: String) {
        disks.withLock { $0[directory] = nil }
    }

    fileprivate static func disk(of path: String) -> SimulatedDisk? {
        disks.withLock { $0.first { path.hasPrefix($0.key + "/") }?.value.disk }
    }

    /// What SQLite keeps of an open file: its methods first (`sqlite3_file`), then ours.
    fileprivate struct OpenFile {
        var methods: UnsafePointer<sqlite3_io_methods>?
        var opened: Unmanaged<Opened>?
    }

    fileprivate final class Opened {
        let disk: SimulatedDisk
        let file: SimulatedFile

        init(disk: SimulatedDisk, file: SimulatedFile) {
            (self.disk, self.file) = (disk, file)
        }

        var id: ObjectIdentifier { ObjectIdentifier(self) }
    }

    /// SQLite keeps both for as long as the process lives.
    private static let registration: Void = {
        let real = sqlite3_vfs_find(nil)!
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: real.pointee)
        vfs.pointee.zName = UnsafePointer(strdup("simulated-disk"))
        vfs.pointee.pNext = nil
        vfs.pointee.pAppData = UnsafeMutableRawPointer(real)
        vfs.pointee.szOsFile = max(real.pointee.szOsFile, Int32(MemoryLayout<OpenFile>.size))
        vfs.pointee.xOpen = { vfs, name, file, flags, outFlags in
            let real = SimulatedDiskVFS.real(vfs)
            guard let name, let disk = SimulatedDiskVFS.disk(of: String(cString: name)) else {
                return real.pointee.xOpen(real, name, file, flags, outFlags)
            }
            file!.pointee.pMethods = nil
            guard let found = disk.open(String(cString: name), create: flags & SQLITE_OPEN_CREATE != 0) else { return SQLITE_CANTOPEN }
            UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
                .initialize(to: OpenFile(methods: methods, opened: .passRetained(Opened(disk: disk, file: found))))
            outFlags?.pointee = flags
            return SQLITE_OK
        }
        vfs.pointee.xDelete = { vfs, name, isSynced in
            let real = SimulatedDiskVFS.real(vfs)
            guard let name, let disk = SimulatedDiskVFS.disk(of: String(cString: name)) else {
                return real.pointee.xDelete(real, name, isSynced)
            }
            return disk.delete(String(cString: name), isSynced: isSynced != 0)
        }
        vfs.pointee.xAccess = { vfs, name, flags, result in
            let real = SimulatedDiskVFS.real(vfs)
            guard let name, let disk = SimulatedDiskVFS.disk(of: String(cString: name)) else {
                return real.pointee.xAccess(real, name, flags, result)
            }
            result?.pointee = disk.exists(String(cString: name)) ? 1 : 0
            return SQLITE_OK
        }
        // These three find the real one's own in what they are given.
        vfs.pointee.xFullPathname = { vfs, name, length, result in
            let real = SimulatedDiskVFS.real(vfs)
            return real.pointee.xFullPathname(real, name, length, result)
        }
        sqlite3_vfs_register(vfs, 1)
    }()

    private static func real(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> UnsafeMutablePointer<sqlite3_vfs> {
        vfs!.pointee.pAppData.assumingMemoryBound(to: sqlite3_vfs.self)
    }

    fileprivate static func opened(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Opened {
        UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self).pointee.opened!.takeUnretainedValue()
    }

    fileprivate static func use(
        _ file: UnsafeMutablePointer<sqlite3_file>?, toChange: Bool = false, _ body: (SimulatedFile, ObjectIdentifier) -> Int32
    ) -> Int32 {
        let opened = opened(file)
        return opened.disk.use(opened.file, toChange: toChange) { body($0, opened.id) }
    }

    nonisolated(unsafe) private static let methods: UnsafePointer<sqlite3_io_methods> = {
        var methods = sqlite3_io_methods()
        // With shared memory, without memory mapping.
        methods.iVersion = 2
        methods.xClose = { file in
            let opened = UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self).pointee.opened!.takeRetainedValue()
            opened.disk.close(opened.file, by: opened.id)
            return SQLITE_OK
        }
        methods.xRead = { file, buffer, count, offset in
            use(file) { file, _ in
                let target = UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
                let there = file.bytes.dropFirst(Int(offset)).prefix(Int(count))
                target.copyBytes(from: there)
                guard there.count < count else { return SQLITE_OK }
                UnsafeMutableRawBufferPointer(rebasing: target[there.count...]).initializeMemory(as: UInt8.self, repeating: 0)
                return SQLITE_IOERR | 2 << 8  // SQLITE_IOERR_SHORT_READ
            }
        }
        methods.xWrite = { file, buffer, count, offset in
            use(file, toChange: true) { file, _ in
                file.write(Array(UnsafeRawBufferPointer(start: buffer, count: Int(count))), at: Int(offset))
                return SQLITE_OK
            }
        }
        methods.xTruncate = { file, size in
            use(file, toChange: true) { file, _ in
                file.truncate(to: Int(size))
                return SQLITE_OK
            }
        }
        methods.xSync = { file, _ in
            let opened = opened(file)
            return opened.disk.sync(opened.file)
        }
        methods.xFileSize = { file, size in
            use(file) { file, _ in
                size?.pointee = sqlite3_int64(file.bytes.count)
                return SQLITE_OK
            }
        }
        methods.xLock = { file, level in use(file) { $0.sharing.lock($1, level) ? SQLITE_OK : SQLITE_BUSY } }
        methods.xUnlock = { file, level in
            let opened = opened(file)
            opened.disk.unlock(opened.file, level, by: opened.id)
            return SQLITE_OK
        }
        methods.xCheckReservedLock = { file, result in
            use(file) { file, _ in
                result?.pointee = file.sharing.isReserved ? 1 : 0
                return SQLITE_OK
            }
        }
        methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        methods.xSectorSize = { _ in 4096 }
        methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
        methods.xShmMap = { file, index, size, extend, result in
            use(file) { file, user in
                result?.pointee = file.sharing.region(Int(index), size: Int(size), extend: extend != 0, for: user)
                return SQLITE_OK
            }
        }
        methods.xShmLock = { file, first, count, flags in
            let slots = (UInt32(1) << UInt32(count) - 1) << UInt32(first)
            let opened = opened(file)
            return opened.disk.lockMemory(opened.file, slots, flags, by: opened.id)
        }
        methods.xShmBarrier = { file in
            _ = use(file) { _, _ in SQLITE_OK }
        }
        methods.xShmUnmap = { file, _ in
            let opened = opened(file)
            opened.disk.leaveMemory(opened.file, by: opened.id)
            return SQLITE_OK
        }
        let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        pointer.initialize(to: methods)
        return UnsafePointer(pointer)
    }()
}
