import Testing

@testable import PostgreSQL

@Suite struct StatementTextTests {
    @Test(
        arguments: [
            ("SELECT ?, ?", "SELECT $1, $2"),
            ("SELECT ?2, ?, ?1, ?12", "SELECT $2, $3, $1, $12"),
            ("SELECT '?', 'it''s ?', \"a?\", ?", "SELECT '?', 'it''s ?', \"a?\", $1"),
            ("SELECT 1 -- why?\n, ? /* ? */ - ? / ?", "SELECT 1 -- why?\n, $1 /* ? */ - $2 / $3"),
            ("SELECT x FROM t INDEXED BY t_by_x WHERE x = ?1", "SELECT x FROM t  WHERE x = $1"),
            ("SELECT 'INDEXED BY t', REINDEXED BY t", "SELECT 'INDEXED BY t', REINDEXED BY t"),
            ("SELECT 'Größe?' || ?", "SELECT 'Größe?' || $1"),
            ("SELECT 'open ?", "SELECT 'open ?"),
        ] as [(StaticString, String)])
    func `parameters get PostgreSQL's names, but not in quotes and comments, and no index is named`(_ from: StaticString, _ to: String) {
        #expect(StatementText(from).sql == to)
    }

    @Test(
        arguments: [
            ("BEGIN", TransactionEffect.begins), ("start transaction", .begins), ("COMMIT;", .commits), (" end", .commits),
            ("ROLLBACK", .rollsBack), ("ROLLBACK TO part", .reads), ("SELECT 1", .reads), ("SAVEPOINT part", .reads),
            ("UPDATE t SET x = 1", .changes),
            ("WITH x AS (DELETE FROM t) SELECT 1", .changes),
        ] as [(String, TransactionEffect)])
    func `what a statement does to the transaction is in its first words`(_ sql: String, _ effect: TransactionEffect) {
        #expect(TransactionEffect(sql) == effect)
    }
}
