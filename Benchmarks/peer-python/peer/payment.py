"""The payment service: charges, and gives money back."""

from .event import Event, emit, fold, milliseconds, new_id
from .store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (
    order_id TEXT PRIMARY KEY, status TEXT NOT NULL, answer_id TEXT, payment_id TEXT, user_id INTEGER, amount INTEGER, failure TEXT)
    WITHOUT ROWID;
"""


class PaymentService:
    follows = {"order": {"ORDER_CREATED", "ORDER_CANCELED"}, "inventory": {"INVENTORY_FAILED"}}

    def __init__(self, store: Store, declined: set[int]):
        self.store = store
        self.declined = declined

    def transact(self, _: list, events: list[Event]) -> list[Event]:
        if not events:
            return []
        now = milliseconds()
        rows = self.store.rows_of(
            "SELECT order_id, status, answer_id, payment_id, user_id, amount, failure FROM payment "
            "WHERE order_id IN (SELECT value FROM json_each(?))",
            {event.order_id for event in events},
        )
        emitted = []
        changed = fold(
            events,
            rows,
            lambda event, row: (self.created if event.type == "ORDER_CREATED" else self.canceled)(event, row, emitted, now),
        )
        self.store.writing.executemany("INSERT OR REPLACE INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)", changed)
        return emitted

    def created(self, event: Event, row, emitted: list[Event], now: int):
        id, user, amount = event.order_id, event.payload["userId"], event.payload["amount"]
        if row and row[2]:
            # Known under another event id: the first answer again, with its own id.
            charge = {"orderId": id, "paymentId": row[3], "userId": row[4], "amount": row[5]}
            first = ("PAYMENT_FAILED", charge | {"reason": row[6]}) if row[6] else ("PAYMENT_APPROVED", charge)
            emitted.append(emit(*first, event.id, now, row[2]))
            return row
        charge = {"orderId": id, "paymentId": new_id(now), "userId": user, "amount": amount}
        failure = "ORDER_CANCELED" if row else "DECLINED" if user in self.declined else None
        if failure:
            answer = emit("PAYMENT_FAILED", charge | {"reason": failure}, event.id, now)
        else:
            answer = emit("PAYMENT_APPROVED", charge, event.id, now)
        emitted.append(answer)
        status = row[1] if row else "FAILED" if failure else "APPROVED"
        return (id, status, answer.id, charge["paymentId"], user, amount, failure)

    def canceled(self, event: Event, row, emitted: list[Event], now: int):
        if row is None:
            return (event.order_id, "VOID", None, None, None, None, None)
        id, status, answer, payment, user, amount, failure = row
        if status != "APPROVED":
            return row
        refund = {"orderId": id, "paymentId": payment, "userId": user, "amount": amount}
        emitted.append(emit("PAYMENT_REFUNDED", refund, event.id, now))
        return (id, "REFUNDED", answer, payment, user, amount, failure)

    def committed(self):
        pass
