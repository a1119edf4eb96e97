import CSQLite
import SagaStore
import Store
import Testing

@Suite struct StoreErrorTests {
    @Test(
        arguments: [
            SQLITE_BUSY, SQLITE_BUSY | 1 << 8, SQLITE_BUSY | 2 << 8, SQLITE_LOCKED, SQLITE_LOCKED | 1 << 8, SQLITE_PROTOCOL, SQLITE_SCHEMA,
            SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_ABORT, SQLITE_ABORT | 2 << 8, SQLITE_FULL, SQLITE_PERM, SQLITE_NOLFS, SQLITE_READONLY,
            SQLITE_READONLY | 4 << 8, SQLITE_CANTOPEN, SQLITE_CANTOPEN | 2 << 8, SQLITE_CORRUPT, SQLITE_CORRUPT | 3 << 8, SQLITE_NOTADB,
        ] + (0...34).map { SQLITE_IOERR | $0 << 8 })
    func `A fault of the database, the disk or the machine is never the fault of a record`(code: Int32) {
        #expect(StoreError(sqlite: code, "").isInfrastructure)
        #expect(StoreError(sqlite: code, "", outOfDescriptors: true).isInfrastructure)
    }

    @Test(arguments: [
        SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_CONSTRAINT | 8 << 8, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_MISUSE,
    ])
    func `What a statement or its values cause is not tried for ever`(code: Int32) {
        #expect(StoreError(sqlite: code, "why") == .failed("why (SQLite \(code))"))
        #expect(!StoreError(sqlite: code, "").isInfrastructure)
    }

    /// A trigger (1811) or a CHECK (275): the tables made here have neither.
    @Test(arguments: [SQLITE_CONSTRAINT | 7 << 8, SQLITE_CONSTRAINT | 1 << 8])
    func `What somebody else has put into the database is told as that, and not tried for ever`(code: Int32) {
        guard case .foreignConstraint = StoreError(sqlite: code, "why") else {
            Issue.record("\(StoreError(sqlite: code, "why"))")
            return
        }
        #expect(!StoreError(sqlite: code, "").isInfrastructure)
    }

    @Test(arguments: [
        StoreError.busy, .full, .overloaded, .inputOutput(""), .corrupt(""), .newerSchema(found: 2, supported: 1),
        .unusableDirectory(""), .anotherInstance(using: ""), .closed,
    ])
    func `Nothing else is either`(error: StoreError) {
        #expect(error.isInfrastructure)
    }
}
