"""Events, and the ids of everything."""

import os
import time
from dataclasses import dataclass

import orjson


@dataclass(slots=True)
class Event:
    id: str
    order_id: str
    type: str
    body: bytes | None
    """As it is published, `{"type":…,"payload":{…}}`; None once it was received."""
    payload: dict
    cause: str | None = None
    time: int = 0
    """Milliseconds since 1970."""
    seq: int = 0
    """Its place in the outbox."""


def emit(type: str, payload: dict, cause: str | None, now: int, id: str | None = None) -> Event:
    body = orjson.dumps({"type": type, "payload": payload})
    return Event(id or new_id(now), payload["orderId"], type, body, payload, cause, now)


def received(id: str, document: dict) -> Event:
    """Raises KeyError or TypeError where it is none."""
    payload = document["payload"]
    return Event(id, payload["orderId"], document["type"], None, payload)


def fold(events: list[Event], rows: dict, handle) -> list[tuple]:
    """Hands each event with the present row of its order to `handle`, which returns what becomes of it.

    Returns the rows that changed."""
    changed = {}
    for event in events:
        row = changed.get(event.order_id) or rows.get(event.order_id)
        after = handle(event, row)
        if after is not row:
            changed[event.order_id] = after
    return list(changed.values())


_random = b""


def new_id(now: int) -> str:
    """A UUID of version 7. Random bytes are fetched for many at a time."""
    global _random
    if len(_random) < 10:
        _random = os.urandom(10 * 256)
    tail, _random = _random[:10], _random[10:]
    bits = int.from_bytes(tail, "big")
    text = f"{now:012x}7{bits >> 68:03x}{8 | bits >> 64 & 3:x}{bits & 0xFFFFFFFFFFFFFFF:015x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def milliseconds() -> int:
    return time.time_ns() // 1_000_000
