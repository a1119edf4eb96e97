"""Group commit: whatever waits goes into one transaction."""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Protocol

from .event import Event
from .store import Store


class Service(Protocol):
    def transact(self, commands: list, events: list[Event]) -> list[Event]:
        """Does all of it within a transaction that is open, and returns what is to be published."""

    def committed(self): ...


class Writer:
    """The only one who writes. Runs on the loop; only COMMIT, which waits for the disk, has a thread, so that the loop goes on reading
    requests meanwhile. There is one hand-over a batch."""

    LIMIT = 512

    def __init__(self, store: Store, service: Service):
        self.store = store
        self.service = service
        self.commands: list = []
        self.answers: list[asyncio.Future] = []
        self.arrived: list[tuple[list[Event], Callable[[], None]]] = []
        self.letters: list[tuple[str, str, bytes]] = []
        self.commits = 0
        self.dead_letters = store.read("SELECT count(*) FROM dead_letter").fetchone()[0]
        self.published: Callable[[], None] = lambda: None
        self.waiting: asyncio.Future | None = None
        self.loop = asyncio.get_running_loop()
        self.thread = ThreadPoolExecutor(1)

    def carry_out(self, command) -> asyncio.Future:
        """The future is done when what the command changes is durable."""
        answer = self.loop.create_future()
        self.commands.append(command)
        self.answers.append(answer)
        self.wake()
        return answer

    def receive(self, events: list[Event], letters: list[tuple[str, str, bytes]], done: Callable[[], None]):
        """`done` is called when all that comes of them is durable. Letters are what could not be read."""
        self.arrived.append((events, done))
        self.letters += letters
        self.wake()

    def wake(self):
        if self.waiting and not self.waiting.done():
            self.waiting.set_result(None)

    async def run(self):
        while True:
            if not self.commands and not self.arrived:
                self.waiting = self.loop.create_future()
                await self.waiting
            await self.write()

    async def write(self):
        limit = self.LIMIT
        commands, self.commands = self.commands[:limit], self.commands[limit:]
        answers, self.answers = self.answers[:limit], self.answers[limit:]
        events: list[Event] = []
        done = []
        while self.arrived and len(events) < limit:
            some, call = self.arrived.pop(0)
            events += some
            done.append(call)
        letters, self.letters = self.letters, []

        # What fails here ends the process: nothing was acknowledged, so everything comes again after the next start.
        db = self.store.writing
        db.execute("BEGIN IMMEDIATE")
        emitted = self.service.transact(commands, self.store.take_new(events) if events else events)
        if emitted:
            self.store.outbox.write(emitted)
        if letters:
            db.executemany("INSERT INTO dead_letter (source, reason, body) VALUES (?, ?, ?)", letters)
            self.dead_letters += len(letters)
        await self.loop.run_in_executor(self.thread, db.execute, "COMMIT")

        self.commits += 1
        self.store.outbox.committed(emitted)
        self.service.committed()
        for answer in answers:
            if not answer.done():
                answer.set_result(None)
        for call in done:
            call()
        if emitted:
            self.published()


def end_with_failure(task: asyncio.Task):
    """A process that has lost one of its parts must not stay half alive."""
    if not task.cancelled() and (error := task.exception()):
        sys.excepthook(type(error), error, error.__traceback__)
        sys.stderr.flush()
        os._exit(70)
