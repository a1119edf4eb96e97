"""Events over Unix sockets: each service serves its outbox to the two others.

A frame is four bytes of length and a JSON list, `[last seq, [[event id, causation id, event], …]]`. The follower answers each with eight
bytes, its last seq, once what came of it is durable; until both followers have done so, an event stays in the outbox. A follower begins
with its name and gets everything that is in the outbox, so after a restart some things come again: its inbox knows them.
"""

import asyncio
from functools import partial

import orjson

from .event import received
from .store import Outbox
from .writer import Writer

BATCH = 512
WINDOW = 4
"""Frames on their way to a follower."""


class Feed(asyncio.Protocol):
    """One follower, as it is served."""

    def __init__(self, feeds: "Feeds"):
        self.feeds = feeds
        self.name = None
        self.received = b""
        self.sent = self.confirmed = feeds.outbox.deleted
        self.frames: list[int] = []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data: bytes):
        self.received += data
        if self.name is None:
            name, newline, rest = self.received.partition(b"\n")
            if not newline:
                return
            self.name, self.received = name.decode(), rest
            self.feeds.joined(self)
        if whole := len(self.received) // 8 * 8:
            seq = int.from_bytes(self.received[whole - 8 : whole], "big")
            self.received = self.received[whole:]
            self.frames = [frame for frame in self.frames if frame > seq]
            self.confirmed = seq
            self.send()
            self.feeds.acknowledged()

    def connection_lost(self, _):
        self.feeds.left(self)

    def send(self):
        wanted = self.feeds.wanted[self.name]
        while len(self.frames) < WINDOW and (events := self.feeds.outbox.after(self.sent, BATCH)):
            self.sent = events[-1].seq
            if some := [[e.id, e.cause, orjson.Fragment(e.body)] for e in events if e.type in wanted]:
                frame = orjson.dumps([self.sent, some])
                self.transport.write(len(frame).to_bytes(4, "big") + frame)
                self.frames.append(self.sent)

    @property
    def has(self) -> int:
        """How far this follower has everything it wants."""
        return self.confirmed if self.frames else self.sent


class Feeds:
    """What the others take from this service."""

    def __init__(self, outbox: Outbox, wanted: dict[str, set[str]]):
        self.outbox = outbox
        self.wanted = wanted
        self.feeds: dict[str, Feed] = {}

    async def serve(self, path: str):
        # A server that nobody holds is closed.
        self.server = await asyncio.get_running_loop().create_unix_server(partial(Feed, self), path)

    def joined(self, feed: Feed):
        self.feeds[feed.name] = feed
        feed.send()

    def left(self, feed: Feed):
        if self.feeds.get(feed.name) is feed:
            del self.feeds[feed.name]

    def committed(self):
        for feed in self.feeds.values():
            feed.send()

    def acknowledged(self):
        if len(self.feeds) == len(self.wanted):
            self.outbox.everybody_has(min(feed.has for feed in self.feeds.values()))


class Follower(asyncio.Protocol):
    """Takes what another service publishes."""

    def __init__(self, own: str, source: str, writer: Writer, closed: asyncio.Future):
        self.own = own
        self.source = source
        self.writer = writer
        self.closed = closed
        self.buffer = bytearray()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.own.encode() + b"\n")

    def data_received(self, data: bytes):
        buffer = self.buffer
        buffer += data
        while len(buffer) >= 4 and len(buffer) >= (end := 4 + int.from_bytes(buffer[:4], "big")):
            last, documents = orjson.loads(memoryview(buffer)[4:end])
            del buffer[:end]
            events, letters = [], []
            for id, _, document in documents:
                try:
                    events.append(received(id, document))
                except (KeyError, TypeError) as error:
                    letters.append((self.source, repr(error), orjson.dumps(document)))
            self.writer.receive(events, letters, partial(self.acknowledge, last))

    def acknowledge(self, last: int):
        if not self.transport.is_closing():
            self.transport.write(last.to_bytes(8, "big"))

    def connection_lost(self, _):
        self.closed.set_result(None)


async def follow(own: str, source: str, path: str, writer: Writer):
    loop = asyncio.get_running_loop()
    while True:
        closed = loop.create_future()
        try:
            await loop.create_unix_connection(lambda: Follower(own, source, writer, closed), path)
            await closed
        except OSError:
            pass
        await asyncio.sleep(0.05)
