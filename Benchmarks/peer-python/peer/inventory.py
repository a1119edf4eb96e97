"""The inventory service: reserves stock, sells it, gives it back."""

from .event import Event, emit, fold, milliseconds
from .store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS reservation (
    order_id TEXT PRIMARY KEY, status TEXT NOT NULL, answer_id TEXT, product_id INTEGER, quantity INTEGER, failure TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (
    product_id INTEGER PRIMARY KEY, available INTEGER NOT NULL, reserved INTEGER NOT NULL, sold INTEGER NOT NULL);
"""


class InventoryService:
    follows = {"order": {"ORDER_CREATED", "ORDER_APPROVED", "ORDER_CANCELED"}, "payment": {"PAYMENT_FAILED"}}

    def __init__(self, store: Store, initial: dict[str, int]):
        self.store = store
        store.writing.executemany(
            "INSERT OR IGNORE INTO stock VALUES (?, ?, 0, 0)", [(int(product), available) for product, available in initial.items()]
        )

    def transact(self, _: list, events: list[Event]) -> list[Event]:
        if not events:
            return []
        now = milliseconds()
        rows = self.store.rows_of(
            "SELECT order_id, status, answer_id, product_id, quantity, failure FROM reservation "
            "WHERE order_id IN (SELECT value FROM json_each(?))",
            {event.order_id for event in events},
        )
        products = {row[3] for row in rows.values()} | {event.payload.get("productId") for event in events}
        self.stock = {
            id: [available, reserved, sold]
            for id, available, reserved, sold in self.store.rows_of(
                "SELECT product_id, available, reserved, sold FROM stock WHERE product_id IN (SELECT value FROM json_each(?))", products
            ).values()
        }
        emitted = []
        changed = fold(
            events,
            rows,
            lambda event, row: (self.created if event.type == "ORDER_CREATED" else self.ended)(event, row, emitted, now),
        )
        write = self.store.writing
        write.executemany("INSERT OR REPLACE INTO reservation VALUES (?, ?, ?, ?, ?, ?)", changed)
        write.executemany(
            "UPDATE stock SET available = ?, reserved = ?, sold = ? WHERE product_id = ?", [(*s, id) for id, s in self.stock.items()]
        )
        return emitted

    def created(self, event: Event, row, emitted: list[Event], now: int):
        terms = event.payload
        product, quantity = terms["productId"], terms["quantity"]
        claim = {"orderId": event.order_id, "productId": product, "quantity": quantity}
        if row and row[2]:
            # Known under another event id: the first answer again, with its own id.
            claim |= {"productId": row[3], "quantity": row[4]}
            first = ("INVENTORY_FAILED", claim | {"reason": row[5]}) if row[5] else ("INVENTORY_RESERVED", claim)
            emitted.append(emit(*first, event.id, now, row[2]))
            return row
        stock = self.stock.get(product)
        if row:
            failure = "ORDER_CANCELED"
        elif stock is None:
            failure = "UNKNOWN_PRODUCT"
        else:
            failure = None if stock[0] >= quantity else "OUT_OF_STOCK"
        if failure:
            answer = emit("INVENTORY_FAILED", claim | {"reason": failure}, event.id, now)
        else:
            stock[0] -= quantity
            stock[1] += quantity
            answer = emit("INVENTORY_RESERVED", claim, event.id, now)
        emitted.append(answer)
        status = row[1] if row else "REJECTED" if failure else "RESERVED"
        return (event.order_id, status, answer.id, product, quantity, failure)

    def ended(self, event: Event, row, emitted: list[Event], now: int):
        """Approved, or canceled for whatever reason."""
        if row is None:
            return (event.order_id, "VOID", None, None, None, None) if event.type != "ORDER_APPROVED" else None
        id, status, answer, product, quantity, failure = row
        if status != "RESERVED":
            return row
        stock = self.stock[product]
        stock[1] -= quantity
        if event.type == "ORDER_APPROVED":
            stock[2] += quantity
            return (id, "COMMITTED", answer, product, quantity, failure)
        stock[0] += quantity
        emitted.append(emit("INVENTORY_RELEASED", {"orderId": id, "productId": product, "quantity": quantity}, event.id, now))
        return (id, "RELEASED", answer, product, quantity, failure)

    def committed(self):
        pass
