import SeededNumbers
import CSQLite
import Glibc
import Synchronization

/// A disk that loses what was not synced when its power goes: the files of one directory, in memory, for SQLite to work on.
///
/// What a program reads back at once is one thing, what survives another. A write reaches the disk at its file's next sync. When the
/// power goes, each sector of each write since then has arrived, or has not, or only its beginning, or as garbage, in any order; a
/// file that is new and was never synced may be gone, and one that was deleted may be back. What is next to the bytes of a write, or is
/// written as it was, is not touched (SQLite's "powersafe overwrite", which it takes for granted too).
///
/// Everything comes from the seed and the calls made, so a round is repeated by its seed.
final class SimulatedDisk: Sendable {
    /// When its sync fails, what should have been written may be lost, although it can still be read (as Linux does it).
    enum SyncedFile: Sendable {
        case log, database
    }

    let directory: String
    private let state: Mutex<State>

    /// - Parameter directory: an existing one; SQLite finds nothing in it but the files of this disk.
    init(directory: String, seed: UInt64) {
        // As SQLite will call it.
        self.directory = realpath(directory, nil).map { String(cString: $0) } ?? directory
        state = Mutex(State(dice: Dice(seed: seed)))
        SimulatedDiskVFS.add(self)
    }

    deinit {
        SimulatedDiskVFS.remove(directory)
    }

    var hasPower: Bool { state.withLock(\.hasPower) }

    /// The power goes with so many writes, truncations, syncs and deletions from now: nothing succeeds from there on.
    func cutPower(after operations: Int) {
        state.withLock { $0.powerGoesAt = $0.operations + operations }
    }

    /// Leaves on the disk what survives, and has the power on again. Nobody may have a file open.
    func restart() {
        state.withLock { $0.restart() }
    }

    /// The program begins anew, on a machine that goes on: it finds all that was written, whatever of it is on the disk, and syncs succeed.
    /// Nobody may have a file open.
    func restartProgram() {
        state.withLock { $0.endFaults() }
    }

    /// Whether SQLite works on this disk at all.
    var isUsed: Bool { state.withLock { !$0.files.isEmpty } }

    /// - Parameter file: whose syncs fail from now on, until the next restart of either kind.
    func failSyncs(of file: SyncedFile) {
        state.withLock { _ = $0.failing.insert(file) }
    }

    // MARK: What SQLite asks for

    func open(_ path: String, create: Bool) -> SimulatedFile? {
        state.withLock { state in
            if let file = state.files[path], !file.isDeleted { return file }
            guard create, state.operate() else { return nil }
            let file = SimulatedFile(path: path)
            // A file that was deleted before is gone for good: there is only one of a name.
            state.files[path] = file
            return file
        }
    }

    func exists(_ path: String) -> Bool {
        state.withLock { $0.files[path].map { !$0.isDeleted } ?? false }
    }

    func delete(_ path: String, isSynced: Bool) -> Int32 {
        state.withLock { state in
            guard let file = state.files[path], !file.isDeleted else { return SQLITE_IOERR | 23 << 8 }  // SQLITE_IOERR_DELETE_NOENT
            guard state.operate() else { return SQLITE_IOERR | 10 << 8 }  // SQLITE_IOERR_DELETE
            if isSynced { state.files[path] = nil } else { file.isDeleted = true }
            return SQLITE_OK
        }
    }

    /// Runs `body` with the file to itself, as one operation on the disk unless it only reads.
    func use(_ file: SimulatedFile, toChange: Bool, _ body: (SimulatedFile) -> Int32) -> Int32 {
        state.withLock { state in
            guard toChange ? state.operate() : state.hasPower else { return SQLITE_IOERR }
            return body(file)
        }
    }

    func sync(_ file: SimulatedFile) -> Int32 {
        state.withLock { state in
            guard state.operate() else { return SQLITE_IOERR | 4 << 8 }  // SQLITE_IOERR_FSYNC
            guard !state.failing.contains(file.isLog ? .log : .database) else {
                file.loseUnsynced(&state.dice)
                return SQLITE_IOERR | 4 << 8
            }
            // The first sync of a journal or a log is one of its directory too (SQLite's unix VFS does so).
            if !file.isNamed { state.files = state.files.filter { !$0.value.isDeleted } }
            file.sync()
            return SQLITE_OK
        }
    }

    // Locks and shared memory are of the process, not of the disk: they work without power.

    func unlock(_ file: SimulatedFile, _ level: Int32, by user: ObjectIdentifier) {
        state.withLock { _ in file.sharing.unlock(user, level) }
    }

    func lockMemory(_ file: SimulatedFile, _ slots: UInt32, _ flags: Int32, by user: ObjectIdentifier) -> Int32 {
        state.withLock { _ in
            guard flags & SQLITE_SHM_UNLOCK == 0 else {
                file.sharing.unlockMemory(user, slots)
                return SQLITE_OK
            }
            return file.sharing.lockMemory(user, slots, isExclusive: flags & SQLITE_SHM_EXCLUSIVE != 0) ? SQLITE_OK : SQLITE_BUSY
        }
    }

    func leaveMemory(_ file: SimulatedFile, by user: ObjectIdentifier) {
        state.withLock { _ in file.sharing.leaveMemory(user) }
    }

    func close(_ file: SimulatedFile, by user: ObjectIdentifier) {
        state.withLock { _ in file.sharing.leave(user) }
    }

    private struct State: Sendable {
        var dice: Dice
        var files: [String: SimulatedFile] = [:]
        var operations = 0
        var powerGoesAt = Int.max
        var failing: Set<SyncedFile> = []

        var hasPower: Bool { operations < powerGoesAt }

        /// False when the power is gone.
        mutating func operate() -> Bool {
            operations += 1
            return hasPower
        }

        mutating func restart() {
            for (path, file) in files.sorted(by: { $0.key < $1.key }) {
                let isThere = file.isDeleted ? dice.chance(1, in: 2) : file.isNamed || dice.chance(1, in: 2)
                guard isThere else {
                    files[path] = nil
                    continue
                }
                file.survive(&dice)
            }
            endFaults()
        }

        mutating func endFaults() {
            powerGoesAt = .max
            failing = []
        }
    }
}

/// Chance that is always the same (SplitMix64, by Sebastiano Vigna).
struct Dice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func pick(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    mutating func chance(_ share: Int, in whole: Int) -> Bool {
        pick(1...whole) <= share
    }
}
