"""One service of the three: `python -m peer order --state … --runtime … --port …`."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from functools import partial

import orjson
import uvicorn
import uvloop

from . import direct, inventory, kafka, order, payment, web
from .store import Store
from .writer import Writer, end_with_failure

SERVICES = {"order": order.OrderService, "inventory": inventory.InventoryService, "payment": payment.PaymentService}
SCHEMAS = {"order": order.SCHEMA, "inventory": inventory.SCHEMA, "payment": payment.SCHEMA}


def arguments():
    parser = argparse.ArgumentParser(prog="peer")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--state", required=True, help="directory of the databases")
    parser.add_argument("--runtime", required=True, help="directory of the sockets")
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--bootstrap", help="Kafka brokers; without it events go over Unix sockets")
    parser.add_argument("--properties", type=orjson.loads, default={}, help="librdkafka properties as a JSON object")
    parser.add_argument("--stock", type=orjson.loads, default={"1": 10, "2": 5}, help="of a new database, as a JSON object")
    parser.add_argument("--declined", type=int, nargs="*", default=[2], help="users whose payments are declined")
    return parser.parse_args()


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        # uvicorn would raise the signal again at the end; here SIGTERM is a clean end.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, partial(setattr, self, "should_exit", True))
        yield


def listener(path: str) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(path)
    return unix


def notify(message: str):
    """sd_notify(3)."""
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
            unix.sendto(message.encode(), path)


async def main(options):
    own = options.service
    state, runtime = f"{options.state}/{own}", f"{options.runtime}/{own}"
    os.makedirs(state, 0o750, exist_ok=True)
    os.makedirs(runtime, 0o750, exist_ok=True)
    store = Store(f"{state}/saga.db", SCHEMAS[own])
    more = {"order": (), "inventory": (options.stock,), "payment": (set(options.declined),)}[own]
    service = SERVICES[own](store, *more)
    writer = Writer(store, service)

    app = web.application(own, store, writer)
    if own == "order":
        web.add_orders(app, service, writer)
    elif own == "inventory":
        web.add_inventory(app, store)
    tcp = socket.create_server(("127.0.0.1", options.port), backlog=1024)

    parts = [writer.run()]
    if options.bootstrap:
        properties = {"bootstrap.servers": options.bootstrap} | options.properties
        publisher = kafka.Publisher(own, store.outbox, {"bootstrap.servers": options.bootstrap})
        writer.published = publisher.committed
        parts.append(publisher.run())
        subscriber = kafka.Subscriber(own, service.follows, writer, properties)
        subscriber.start()
        # Without a broker it starts all the same.
        await asyncio.to_thread(subscriber.joined.wait, 10)
    else:
        wanted = {name: types for name, other in SERVICES.items() if (types := other.follows.get(own))}
        feeds = direct.Feeds(store.outbox, wanted)
        writer.published = feeds.committed
        await feeds.serve(f"{runtime}/events.sock")
        parts += [direct.follow(own, source, f"{options.runtime}/{source}/events.sock", writer) for source in service.follows]
    tasks = [asyncio.create_task(part) for part in parts]
    for task in tasks:
        task.add_done_callback(end_with_failure)

    config = uvicorn.Config(
        app, http="httptools", lifespan="off", access_log=False, log_level="warning", server_header=False, date_header=False, backlog=1024,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve([tcp, listener(f"{runtime}/admin.sock")]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    notify("READY=1")
    await serving
    sys.stderr.flush()
    # Everything that was promised is durable, and nothing else is worth waiting for.
    os._exit(0)


sys.setswitchinterval(0.0005)
uvloop.run(main(arguments()))
