"""One SQLite database: durable commits, an inbox and an outbox."""

import sqlite3

import orjson

from .event import Event

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, order_id TEXT NOT NULL, type TEXT NOT NULL, cause TEXT, time INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letter (id INTEGER PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, body BLOB NOT NULL);
"""

OUTBOX_COLUMNS = "seq, event_id, order_id, type, cause, time, body"


def connect(path: str) -> sqlite3.Connection:
    # Statements run on the loop's thread and COMMIT on another, never both at a time.
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=128)


class Store:
    """Everything but `read` is for the writer alone."""

    def __init__(self, path: str, schema: str):
        self.writing = connect(path)
        self.writing.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
            "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;" + SCHEMA + schema
        )
        self.reading = connect(path)
        self.reading.execute("PRAGMA query_only = 1")
        self.outbox = Outbox(self)

    def read(self, sql: str, values=()):
        return self.reading.execute(sql, values)

    def rows_of(self, select: str, ids) -> dict:
        """Rows by their first column, which is one of `ids`, with one statement for all of them."""
        return {row[0]: row for row in self.writing.execute(select, (orjson.dumps(list(ids)).decode(),))}

    def take_new(self, events: list[Event]) -> list[Event]:
        """Those that were not received before; from now on they were."""
        by_id = {event.id: event for event in events}
        known = self.rows_of("SELECT event_id FROM inbox WHERE event_id IN (SELECT value FROM json_each(?))", by_id)
        new = [event for id, event in by_id.items() if id not in known]
        self.writing.executemany("INSERT INTO inbox VALUES (?)", [(event.id,) for event in new])
        return new


class Outbox:
    """Events that not everybody has, in order. So many are kept in memory too, so that they are not read again to be published."""

    KEPT = 20_000

    def __init__(self, store: Store):
        self.store = store
        first, last = store.read("SELECT min(seq), max(seq) FROM outbox").fetchone()
        self.deleted = (first or 1) - 1
        self.last = last or 0
        self.published = self.deleted
        self.latest: dict[int, Event] = {}

    @property
    def pending(self) -> int:
        return self.last - self.published

    def write(self, events: list[Event]):
        """Within the transaction, before which nobody may see them."""
        seq = self.last
        for event in events:
            seq += 1
            event.seq = seq
        write = self.store.writing
        write.executemany(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?)", [(e.seq, e.id, e.order_id, e.type, e.cause, e.time, e.body) for e in events]
        )
        if self.published > self.deleted:
            write.execute("DELETE FROM outbox WHERE seq <= ?", (self.published,))
            self.deleted = self.published

    def committed(self, events: list[Event]):
        latest = self.latest
        for event in events:
            if len(latest) < self.KEPT:
                latest[event.seq] = event
        self.last += len(events)

    def everybody_has(self, seq: int):
        """Up to there; the rows are deleted with the next commit."""
        for gone in range(self.published + 1, seq + 1):
            self.latest.pop(gone, None)
        self.published = max(self.published, seq)

    def after(self, seq: int, limit: int) -> list[Event]:
        """The next ones behind that place."""
        events = []
        while len(events) < limit and (event := self.latest.get(seq + len(events) + 1)):
            events.append(event)
        if events or seq >= self.last:
            return events
        rows = self.store.read(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return [Event(id, order, type, body, {}, cause, time, seq) for seq, id, order, type, cause, time, body in rows]
