"""Events over Kafka: one topic a service, keyed by order, CloudEvents in binary mode."""

import asyncio
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from functools import partial

import orjson
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from .event import received
from .store import Outbox
from .writer import Writer

BATCH = 512
UNDER_WAY = 4
"""Batches that were handed to the writer and are not durable yet."""


class Publisher:
    """Publishes the outbox in order, batch after batch: the next one when the brokers have all of the last."""

    def __init__(self, service: str, outbox: Outbox, properties: dict):
        self.topic = f"{service}-events"
        self.outbox = outbox
        self.failed = False
        self.source = [("ce_specversion", b"1.0"), ("content-type", b"application/json"), ("ce_source", f"/peer/{service}".encode())]
        # Only failures are reported: flush() says when all others are there.
        self.producer = Producer(
            properties
            | {"enable.idempotence": True, "acks": "all", "linger.ms": 0, "delivery.report.only.error": True, "on_delivery": self.undelivered}
        )
        self.thread = ThreadPoolExecutor(1)
        self.woken = asyncio.Event()

    def undelivered(self, error, _):
        self.failed = True

    def committed(self):
        self.woken.set()

    async def run(self):
        loop = asyncio.get_running_loop()
        outbox = self.outbox
        while True:
            events = outbox.after(outbox.published, BATCH)
            if not events:
                self.woken.clear()
                await self.woken.wait()
                continue
            produce, topic, source, stamp, when = self.producer.produce, self.topic, self.source, None, b""
            for event in events:
                if event.time != stamp:
                    stamp, when = event.time, rfc3339(event.time)
                headers = [
                    ("ce_id", event.id), ("ce_type", event.type), ("ce_subject", event.order_id), ("ce_time", when), *source,
                ]  # fmt: skip
                if event.cause:
                    headers.append(("ce_causationid", event.cause))
                produce(topic, event.body, event.order_id, headers=headers)
            left = await loop.run_in_executor(self.thread, self.producer.flush)
            if left or self.failed:
                self.failed = False
                await asyncio.sleep(0.5)
            else:
                outbox.everybody_has(events[-1].seq)


def rfc3339(milliseconds: int) -> bytes:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:03}Z".encode()


class Subscriber(threading.Thread):
    """Reads the others' topics on a thread of its own, hands what is there to the writer, and stores the offsets once it is durable.

    Only this thread uses the consumer: any other would wait in it until poll() has found something."""

    def __init__(self, service: str, follows: dict[str, set[str]], writer: Writer, properties: dict):
        super().__init__(daemon=True)
        self.writer = writer
        self.loop = asyncio.get_running_loop()
        self.wanted = {type.encode() for types in follows.values() for type in types}
        self.places = threading.BoundedSemaphore(UNDER_WAY)
        self.durable: deque[dict] = deque()
        self.consumer = Consumer(
            properties
            | {"group.id": f"peer-{service}", "auto.offset.reset": "earliest", "enable.auto.offset.store": False, "auto.commit.interval.ms": 1000, "session.timeout.ms": 6000}
        )
        self.joined = threading.Event()
        self.consumer.subscribe([f"{source}-events" for source in follows], on_assign=lambda *_: self.joined.set())

    def run(self):
        while True:
            while self.durable:
                self.store(self.durable.popleft())
            first = self.consumer.poll(0.5)
            if first is None:
                continue
            # consume() alone would wait for the whole batch; what is there comes at once.
            messages = [first, *self.consumer.consume(BATCH - 1, 0)]
            events, letters, offsets = [], [], {}
            for message in messages:
                if message.error():
                    continue
                offsets[message.topic(), message.partition()] = message.offset() + 1
                headers = dict(message.headers() or ())
                if (type := headers.get("ce_type")) and type not in self.wanted:
                    continue
                try:
                    events.append(received(headers["ce_id"].decode(), orjson.loads(message.value())))
                except (KeyError, TypeError, ValueError) as error:
                    letters.append((message.topic(), repr(error), message.value() or b""))
            self.places.acquire()
            self.loop.call_soon_threadsafe(self.writer.receive, events, letters, partial(self.committed, offsets))

    def committed(self, offsets: dict):
        self.durable.append(offsets)
        self.places.release()

    def store(self, offsets: dict):
        try:
            self.consumer.store_offsets(offsets=[TopicPartition(*place, offset) for place, offset in offsets.items()])
        except KafkaException:
            # A partition that was taken away meanwhile: whoever has it reads from the last offset committed, which repeats events.
            pass
