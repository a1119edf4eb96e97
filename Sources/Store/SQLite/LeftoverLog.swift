import CSQLite

/// The write-ahead log that a program left behind when it did not end cleanly, before it is read again.
///
/// What is read of it need not be on the disk. After a kill -9 it may not have been synced yet. After a sync that failed, Linux
/// keeps in memory, as if it had been written, what it could not write, and the next sync succeeds
/// (https://wiki.postgresql.org/wiki/Fsync_Errors). Work recovered from such a log would be promised anew, and be gone with the
/// power, along with all that was written behind it.
///
/// So the log is written over itself and synced, before SQLite reads it. A power loss meanwhile does no more harm than one at any
/// commit: what was on the disk before is written again as it was, and that this leaves it alone is SQLite's "powersafe overwrite".
enum LeftoverLog {
    /// The largest page there is: SQLite's file systems need not take more at once.
    private static let blockSize = 1 << 16

    /// Makes durable what there is of the log of the database at `path`; nobody may have it open.
    static func makeDurable(_ path: String) throws(StoreError) {
        let code = (path + "-wal").withCString(rewrite)
        guard code == SQLITE_OK else { throw StoreError(sqlite: code, "\(path)-wal cannot be written again") }
    }

    private static func rewrite(_ path: UnsafePointer<CChar>) -> Int32 {
        guard let vfs = sqlite3_vfs_find(nil) else { return SQLITE_ERROR }
        var exists: Int32 = 0
        var code = vfs.pointee.xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &exists)
        guard code == SQLITE_OK, exists != 0 else { return code }

        let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(vfs.pointee.szOsFile), alignment: 16)
        defer { memory.deallocate() }
        let file = memory.bindMemory(to: sqlite3_file.self, capacity: 1)
        file.initialize(to: sqlite3_file())
        // As if it were new: its first sync is one of the directory then, too.
        code = vfs.pointee.xOpen(vfs, path, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL, nil)
        guard let methods = file.pointee.pMethods?.pointee else { return code }
        defer { _ = methods.xClose(file) }

        var size: Int64 = 0
        if code == SQLITE_OK { code = methods.xFileSize(file, &size) }
        let block = UnsafeMutableRawPointer.allocate(byteCount: blockSize, alignment: 16)
        defer { block.deallocate() }
        var offset: Int64 = 0
        while code == SQLITE_OK, offset < size {
            let count = Int32(min(size - offset, Int64(blockSize)))
            code = methods.xRead(file, block, count, offset)
            if code == SQLITE_OK { code = methods.xWrite(file, block, count, offset) }
            offset += Int64(count)
        }
        return code == SQLITE_OK ? methods.xSync(file, SQLITE_SYNC_FULL) : code
    }
}
