"""The order service: places orders and decides them."""

import asyncio

from .event import Event, emit, milliseconds
from .store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, product_id INTEGER NOT NULL, quantity INTEGER NOT NULL, amount INTEGER NOT NULL,
    status INTEGER NOT NULL, reason TEXT, inventory INTEGER NOT NULL, payment INTEGER NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL) WITHOUT ROWID;
"""
NAMES = ("PENDING", "APPROVED", "CANCELED")
PENDING, APPROVED, CANCELED = range(3)

SELECT = (
    "SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at FROM orders "
    "WHERE order_id "
)


class OrderService:
    follows = {
        "inventory": {"INVENTORY_RESERVED", "INVENTORY_FAILED"},
        "payment": {"PAYMENT_APPROVED", "PAYMENT_FAILED"},
    }

    def __init__(self, store: Store):
        self.store = store
        counts = dict(store.read("SELECT status, count(*) FROM orders GROUP BY status"))
        self.counts = [counts.get(status, 0) for status in range(3)]
        self.change = [0, 0, 0]
        self.decided: list[str] = []
        self.waiting: dict[str, list[asyncio.Future]] = {}

    def transact(self, orders: list[tuple], events: list[Event]) -> list[Event]:
        """Orders are rows as they are inserted, so all PENDING."""
        emitted = []
        write = self.store.writing
        if orders:
            write.executemany(f"INSERT INTO orders VALUES (?, ?, ?, ?, ?, {PENDING}, NULL, 0, 0, ?, ?)", orders)
            self.change[PENDING] += len(orders)
            for order_id, user, product, quantity, amount, now, _ in orders:
                terms = {"orderId": order_id, "userId": user, "productId": product, "quantity": quantity, "amount": amount}
                emitted.append(emit("ORDER_CREATED", terms, None, now))
        if events:
            self.learn(events, emitted)
        return emitted

    def learn(self, events: list[Event], emitted: list[Event]):
        now = milliseconds()
        rows = self.store.rows_of(
            "SELECT order_id, status, reason, inventory, payment FROM orders WHERE order_id IN (SELECT value FROM json_each(?))",
            {event.order_id for event in events},
        )
        changed = {}
        for event in events:
            row = changed.get(event.order_id) or rows.get(event.order_id)
            if row is None:
                continue
            id, status, reason, inventory, payment = row
            match event.type:
                case "INVENTORY_RESERVED":
                    inventory = 1
                case "PAYMENT_APPROVED":
                    payment = 1
                case "INVENTORY_FAILED" | "PAYMENT_FAILED" if status == PENDING and event.payload["reason"] != "ORDER_CANCELED":
                    status, reason = CANCELED, event.type
                    emitted.append(emit("ORDER_CANCELED", {"orderId": id, "reason": reason}, event.id, now))
            if status == PENDING and inventory and payment:
                status = APPROVED
                emitted.append(emit("ORDER_APPROVED", {"orderId": id}, event.id, now))
            if status != row[1]:
                self.change[PENDING] -= 1
                self.change[status] += 1
                self.decided.append(id)
            changed[id] = (id, status, reason, inventory, payment)
        self.store.writing.executemany(
            f"UPDATE orders SET status = ?, reason = ?, inventory = ?, payment = ?, updated_at = {now} WHERE order_id = ?",
            [(status, reason, inventory, payment, id) for id, status, reason, inventory, payment in changed.values()],
        )

    def committed(self):
        self.counts = [count + change for count, change in zip(self.counts, self.change)]
        self.change = [0, 0, 0]
        decided, self.decided = self.decided, []
        if self.waiting:
            for id in decided:
                for future in self.waiting.pop(id, ()):
                    if not future.done():
                        future.set_result(None)

    def find(self, order_id: str):
        return self.store.read(SELECT + "= ?", (order_id,)).fetchone()

    async def decision(self, order_id: str, seconds: float):
        """Returns when the order is no longer PENDING, or after so long."""
        future = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(order_id, []).append(future)
        try:
            # It may have been decided between the look that found it PENDING and now, but not in a commit that is still to come.
            if self.find(order_id)[5] == PENDING:
                await asyncio.wait_for(future, seconds)
        except TimeoutError:
            pass
        finally:
            if futures := self.waiting.get(order_id):
                futures.remove(future)
                if not futures:
                    del self.waiting[order_id]
