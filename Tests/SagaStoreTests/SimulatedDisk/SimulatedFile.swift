/// A file of a `SimulatedDisk`: what a program sees of it, and what would survive.
///
/// `@unchecked Sendable`: used under its disk's lock only.
final class SimulatedFile: @unchecked Sendable {
    let path: String
    var isLog: Bool { path.hasSuffix("-wal") }
    /// What is read.
    private(set) var bytes: [UInt8] = []
    /// What is on the disk for certain.
    private var synced: [UInt8] = []
    /// What was done since, in order.
    private var unsynced: [Change] = []
    /// Whether its directory has it for certain.
    private(set) var isNamed = false
    var isDeleted = false
    /// The memory that connections share, and who has which lock; gone with the last of them.
    let sharing = FileSharing()

    private static let sector = 512

    private enum Change {
        case write([UInt8], at: Int)
        case truncate(Int)
    }

    init(path: String) {
        self.path = path
        // The database file is there before SQLite opens it.
        isNamed = !isLog && !path.hasSuffix("-journal")
    }

    func write(_ new: [UInt8], at offset: Int) {
        unsynced.append(.write(new, at: offset))
        SimulatedFile.write(new, at: offset, to: &bytes)
    }

    func truncate(to length: Int) {
        unsynced.append(.truncate(length))
        bytes.removeLast(max(0, bytes.count - length))
    }

    func sync() {
        for change in unsynced {
            switch change {
            case .write(let bytes, let offset): SimulatedFile.write(bytes, at: offset, to: &synced)
            case .truncate(let length): synced.removeLast(max(0, synced.count - length))
            }
        }
        unsynced = []
        isNamed = true
    }

    /// A sync that failed: some of it never gets to the disk, and no later sync will know.
    func loseUnsynced(_ dice: inout Dice) {
        apply(&dice)
    }

    /// The power went: what is on the disk is all there is.
    func survive(_ dice: inout Dice) {
        apply(&dice)
        bytes = synced
        isNamed = true
        isDeleted = false
    }

    private func apply(_ dice: inout Dice) {
        for change in unsynced {
            switch change {
            case .truncate(let length):
                if dice.chance(1, in: 2) { synced.removeLast(max(0, synced.count - length)) }
            case .write(let bytes, let offset):
                var start = 0
                while start < bytes.count {
                    let end = min(bytes.count, start + SimulatedFile.sector - (offset + start) % SimulatedFile.sector)
                    applySector(Array(bytes[start..<end]), at: offset + start, &dice)
                    start = end
                }
            }
        }
        unsynced = []
    }

    private func applySector(_ bytes: [UInt8], at offset: Int, _ dice: inout Dice) {
        switch dice.pick(0...99) {
        case 0..<50: SimulatedFile.write(bytes, at: offset, to: &synced)
        case 50..<90: break
        case 90..<97: SimulatedFile.write(Array(bytes.prefix(dice.pick(1...bytes.count))), at: offset, to: &synced)
        default:
            // No disk can tell the bytes that are written again as they were from those next to the write.
            let old = synced.dropFirst(offset).prefix(bytes.count)
            var damaged = bytes.map { _ in UInt8(truncatingIfNeeded: dice.next()) }
            for (place, (old, new)) in zip(old, bytes).enumerated() where old == new { damaged[place] = old }
            SimulatedFile.write(damaged, at: offset, to: &synced)
        }
    }

    private static func write(_ new: [UInt8], at offset: Int, to bytes: inout [UInt8]) {
        if bytes.count < offset { bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count)) }
        let overlap = min(new.count, bytes.count - offset)
        bytes.replaceSubrange(offset..<offset + overlap, with: new[..<overlap])
        bytes.append(contentsOf: new[overlap...])
    }
}

/// The locks on a file and the memory its connections share: those of SQLite's unix VFS (sqlite.org/lockingv3.html, walformat.html 2.3).
final class FileSharing {
    private var levels: [ObjectIdentifier: Int32] = [:]
    private var shared: [ObjectIdentifier: UInt32] = [:]
    private var exclusive: [ObjectIdentifier: UInt32] = [:]
    private var regions: [UnsafeMutableRawPointer] = []
    private var users: Set<ObjectIdentifier> = []

    deinit {
        for region in regions { region.deallocate() }
    }

    // MARK: The file

    /// SQLITE_LOCK_SHARED 1, RESERVED 2, PENDING 3, EXCLUSIVE 4.
    func lock(_ user: ObjectIdentifier, _ level: Int32) -> Bool {
        guard level > levels[user, default: 0] else { return true }
        let highest = levels.filter { $0.key != user }.map(\.value).max() ?? 0
        let isFree =
            switch level {
            case 1: highest < 3
            case 2, 3: highest < 2
            default: highest < 1
            }
        if isFree { levels[user] = level }
        return isFree
    }

    func unlock(_ user: ObjectIdentifier, _ level: Int32) {
        levels[user] = min(level, levels[user, default: 0])
    }

    var isReserved: Bool { levels.values.contains { $0 >= 2 } }

    // MARK: The memory

    func region(_ index: Int, size: Int, extend: Bool, for user: ObjectIdentifier) -> UnsafeMutableRawPointer? {
        users.insert(user)
        while regions.count <= index {
            guard extend else { return nil }
            let region = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
            region.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            regions.append(region)
        }
        return regions[index]
    }

    func lockMemory(_ user: ObjectIdentifier, _ slots: UInt32, isExclusive: Bool) -> Bool {
        let others = exclusive.filter { $0.key != user }.values.reduce(0, |)
        let readers = shared.filter { $0.key != user }.values.reduce(0, |)
        guard slots & (isExclusive ? others | readers : others) == 0 else { return false }
        if isExclusive { exclusive[user, default: 0] |= slots } else { shared[user, default: 0] |= slots }
        return true
    }

    func unlockMemory(_ user: ObjectIdentifier, _ slots: UInt32) {
        shared[user, default: 0] &= ~slots
        exclusive[user, default: 0] &= ~slots
    }

    func leaveMemory(_ user: ObjectIdentifier) {
        unlockMemory(user, .max)
        users.remove(user)
        guard users.isEmpty else { return }
        for region in regions { region.deallocate() }
        regions = []
    }

    func leave(_ user: ObjectIdentifier) {
        levels[user] = nil
    }
}
