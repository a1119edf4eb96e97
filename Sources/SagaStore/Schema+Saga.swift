package import Store

extension Schema {
    /// The tables of one service: those every participant has, and its own.
    package init(_ own: String, later: [String] = []) {
        self.init(shared: Schema.shared, own: own, later: [Schema.parking, Schema.healing, Schema.keeping, Schema.largeLetters] + later)
    }

    private static let shared = """
        -- What was received and what came of it. Times are microseconds since 1970.
        CREATE TABLE inbox (
            seq INTEGER PRIMARY KEY,
            event_id BLOB NOT NULL UNIQUE,
            order_id BLOB NOT NULL,
            type TEXT NOT NULL,
            causation_id BLOB,
            received_at INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            from_status TEXT,
            to_status TEXT,
            duplicates INTEGER NOT NULL DEFAULT 0,
            duplicate_at INTEGER
        ) STRICT;
        CREATE INDEX inbox_by_order ON inbox (order_id);

        -- What is to be told to the others, in order: the log that peers follow and the relay publishes. The newest row is never
        -- deleted, so a number is never used twice.
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            event_id BLOB NOT NULL,
            order_id BLOB NOT NULL,
            type TEXT NOT NULL,
            causation_id BLOB,
            trace_id BLOB NOT NULL,
            occurred_at INTEGER NOT NULL,
            body BLOB NOT NULL,
            from_status TEXT,
            to_status TEXT,
            repeated INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_order ON outbox (order_id);

        -- How far each reader of the outbox has come.
        CREATE TABLE follower (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- How far this service has read the outbox of each peer (transport direct).
        CREATE TABLE position (source TEXT PRIMARY KEY, log_id BLOB NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE dead_letter (
            id BLOB PRIMARY KEY,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            record_key BLOB,
            order_id BLOB,
            headers TEXT NOT NULL,
            value BLOB,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            resolved_at INTEGER,
            UNIQUE (topic, partition, record_offset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX dead_letter_open ON dead_letter (id) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_resolved ON dead_letter (resolved_at) WHERE resolved_at IS NOT NULL;

        """

    /// Dead letters have a kind, and those that hold up an order a place in its queue.
    ///
    /// A record is kept once per place and event: after a broker has lost its log, another event may stand at the same place.
    private static let parking = """
        CREATE TABLE letter (
            id BLOB PRIMARY KEY,
            kind TEXT NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            record_key BLOB,
            event_id BLOB NOT NULL,                       -- empty: not known to be an event
            order_id BLOB,
            turn INTEGER,                                 -- NULL: blocks nothing, or resolved
            headers TEXT NOT NULL,
            value BLOB,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            resolved_at INTEGER,
            UNIQUE (topic, partition, record_offset, event_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO letter
        SELECT id, 'unreadable', topic, partition, record_offset, record_key, x'', order_id, NULL, headers, value, reason, attempts,
            created_at, resolved_at FROM dead_letter;
        DROP TABLE dead_letter;
        ALTER TABLE letter RENAME TO dead_letter;
        CREATE INDEX dead_letter_open ON dead_letter (id) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_by_kind ON dead_letter (kind) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_by_order ON dead_letter (order_id, turn) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_resolved ON dead_letter (resolved_at) WHERE resolved_at IS NOT NULL;

        """

    /// What it takes to see that a log has lost data. In 0.1.0 this made the tables of the Kafka transport as well, which now makes
    /// those that are missing.
    private static let healing = """
        -- The event that was found at the position: a database that was restored from a backup uses numbers twice.
        ALTER TABLE position ADD COLUMN event_id BLOB;

        """

    /// What is left of an order that was purged, as an event of it may come again for as long as a broker keeps it; and what an operator
    /// wants published again, which is queued as fast as the others take it.
    private static let keeping = """
        CREATE TABLE purged_order (order_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

        -- The outbox between two numbers, since a time; so many of its events are still to be queued.
        CREATE TABLE lane (
            id INTEGER PRIMARY KEY,
            place INTEGER NOT NULL,
            until INTEGER NOT NULL,
            since INTEGER NOT NULL,
            waiting INTEGER NOT NULL
        ) STRICT;

        """

    /// A dead letter may be as large as a broker lets a record be. In a table without rowid each look for one compares whole rows, a
    /// megabyte at a time, and what stands behind a large value is read through it (sqlite.org/withoutrowid.html): with hundreds of them
    /// each further one took seconds. So the table is an ordinary one, and what may be large comes last.
    private static let largeLetters = """
        CREATE TABLE letter (
            id BLOB PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            event_id BLOB NOT NULL,                       -- empty: not known to be an event
            order_id BLOB,
            turn INTEGER,                                 -- NULL: blocks nothing, or resolved
            attempts INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            resolved_at INTEGER,
            reason TEXT NOT NULL,
            record_key BLOB,
            headers TEXT NOT NULL,
            value BLOB,
            UNIQUE (topic, partition, record_offset, event_id)
        ) STRICT;
        INSERT INTO letter (id, kind, topic, partition, record_offset, event_id, order_id, turn, attempts, created_at, resolved_at, reason,
            record_key, headers, value)
        SELECT id, kind, topic, partition, record_offset, event_id, order_id, turn, attempts, created_at, resolved_at, reason, record_key,
            headers, value FROM dead_letter;
        DROP TABLE dead_letter;
        ALTER TABLE letter RENAME TO dead_letter;
        CREATE INDEX dead_letter_open ON dead_letter (id) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_by_kind ON dead_letter (kind) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_by_order ON dead_letter (order_id, turn) WHERE resolved_at IS NULL;
        CREATE INDEX dead_letter_resolved ON dead_letter (resolved_at) WHERE resolved_at IS NOT NULL;

        """
}
