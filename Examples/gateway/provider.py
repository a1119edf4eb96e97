#!/usr/bin/env python3
"""A stand-in for a payment provider, for trying and testing `payment.gateway.kind: http`.

Speaks the API in openapi.yaml beside it: charges, refunds, and what became of a charge. Its ledger is a SQLite file that is synced before anything
is answered, so it can be killed at any moment like the daemons. The same key gets the same answer for ever. **A second charge for one order under
another key is refused and written down**: a double charge is seen, not taken.

It misbehaves on request. PUT /faults takes a list of faults, each used up by the requests it fits, the first one first:

    [{"on": "charge", "kind": "delay", "seconds": 3, "times": 2}]

    on       charge, refund or lookup
    kind     delay        answers after `seconds`, done at once
             hang         does nothing and never answers
             lose         does it, then closes the connection without an answer
             drop         closes the connection, does nothing
             status       answers `status` (with `retryAfter` as Retry-After, and `body` as it is), does nothing
             late-status  does it, then answers `status` likewise
             garbage      does it, then answers 200 with what is no JSON
             twice        does it once, and answers twice
             trickle      does it, then answers a byte every `seconds`
             endless      does it, then answers and does not come to an end
    times    how many requests (default 1)

Only Python's standard library is used.
"""

import argparse
import json
import re
import signal
import socket
import sqlite3
import ssl
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_BODY = 64 * 1024
LARGEST_INTEGER = 2**53 - 1


class Refused(Exception):
    """A request that cannot be carried out: an HTTP status and why."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Ledger:
    """What was charged and refunded. Everything is durable before it is returned; a crash leaves the whole of a step or nothing."""

    def __init__(self, path, declined_users):
        self.lock = threading.Lock()
        self.declined_users = declined_users
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(
            """
            CREATE TABLE IF NOT EXISTS charge (
                payment_id TEXT PRIMARY KEY, order_id TEXT UNIQUE NOT NULL, user_id INTEGER NOT NULL, amount INTEGER NOT NULL,
                status TEXT NOT NULL, reference TEXT NOT NULL, requests INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS double_charge (order_id TEXT NOT NULL, payment_id TEXT NOT NULL, first_payment_id TEXT NOT NULL);
            """
        )

    def charge(self, payment, order, user, amount):
        with self.lock, self.db:
            known = self.db.execute("SELECT order_id, user_id, amount, status, reference FROM charge WHERE payment_id = ?", (payment,)).fetchone()
            if known:
                if known[:3] != (order, user, amount):
                    raise Refused(422, "this key was used with another body")
                self.db.execute("UPDATE charge SET requests = requests + 1 WHERE payment_id = ?", (payment,))
                # The first answer, also when it was refunded since.
                return ("DECLINED" if known[3] == "DECLINED" else "APPROVED"), known[4]
            first = self.db.execute("SELECT payment_id FROM charge WHERE order_id = ?", (order,)).fetchone()
            if first:
                self.db.execute("INSERT INTO double_charge VALUES (?, ?, ?)", (order, payment, first[0]))
                raise Refused(422, f"order {order} was charged as {first[0]} already")
            status = "DECLINED" if user in self.declined_users else "APPROVED"
            reference = "ch_" + uuid.uuid4().hex[:16]
            self.db.execute("INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, 1)", (payment, order, user, amount, status, reference))
            return status, reference

    def refund(self, payment):
        with self.lock, self.db:
            changed = self.db.execute("UPDATE charge SET status = 'REFUNDED' WHERE payment_id = ? AND status != 'DECLINED'", (payment,))
            if changed.rowcount == 0:
                raise Refused(404, "nothing was charged under this id")

    def status(self, payment):
        with self.lock:
            known = self.db.execute("SELECT status FROM charge WHERE payment_id = ?", (payment,)).fetchone()
        if not known:
            raise Refused(404, "nothing is known of this payment")
        return known[0]

    def everything(self):
        with self.lock:
            charges = self.db.execute("SELECT payment_id, order_id, user_id, amount, status, requests FROM charge ORDER BY payment_id").fetchall()
            doubles = self.db.execute("SELECT order_id, payment_id, first_payment_id FROM double_charge").fetchall()
        return {
            "charges": [dict(zip(("paymentId", "orderId", "userId", "amount", "status", "requests"), row)) for row in charges],
            "doubleCharges": [dict(zip(("orderId", "paymentId", "firstPaymentId"), row)) for row in doubles],
        }


class Faults:
    """What is to go wrong next, and how many requests are on their way, the most there ever were included."""

    KINDS = ("delay", "hang", "lose", "drop", "status", "late-status", "garbage", "twice", "trickle", "endless")

    def __init__(self):
        self.lock = threading.Lock()
        self.pending = []
        self.running = self.most = 0

    def set(self, faults):
        if not isinstance(faults, list):
            raise Refused(422, "faults are a list")
        for fault in faults:
            if not isinstance(fault, dict) or fault.get("on") not in ("charge", "refund", "lookup") or fault.get("kind") not in self.KINDS:
                raise Refused(422, f"not a fault: {fault}")
        with self.lock:
            self.pending = [dict(fault) for fault in faults]

    def take(self, operation):
        with self.lock:
            for index, fault in enumerate(self.pending):
                if fault["on"] != operation:
                    continue
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    del self.pending[index]
                return fault
        return {}

    def state(self):
        with self.lock:
            return {"pending": self.pending, "running": self.running, "mostAtOnce": self.most}

    def __enter__(self):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)

    def __exit__(self, *_):
        with self.lock:
            self.running -= 1


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    ledger: Ledger
    faults: Faults
    token = None

    def do_GET(self):
        if self.path == "/ledger":
            return self.answer(200, self.ledger.everything())
        if self.path == "/faults":
            return self.answer(200, self.faults.state())
        if match := re.fullmatch(r"/charges/([^/]+)", self.path):
            return self.operation("lookup", lambda: (200, {"status": self.ledger.status(match[1])}))
        self.answer(404, {"error": "there is nothing here"})

    def do_POST(self):
        body = self.body()
        if self.path == "/charges":
            return self.operation("charge", lambda: self.charge(body))
        if match := re.fullmatch(r"/charges/([^/]+)/refund", self.path):
            return self.operation("refund", lambda: self.refund(match[1]))
        self.answer(404, {"error": "there is nothing here"})

    def do_PUT(self):
        body = self.body()
        if self.path != "/faults":
            return self.answer(404, {"error": "there is nothing here"})
        try:
            self.faults.set(self.parsed(body))
            self.answer(200, self.faults.state())
        except Refused as refused:
            self.answer(refused.status, {"error": str(refused)})

    def charge(self, body):
        fields = self.parsed(body)
        if not isinstance(fields, dict) or set(fields) != {"paymentId", "orderId", "userId", "amount"}:
            raise Refused(422, "a charge has paymentId, orderId, userId and amount")
        for name in ("userId", "amount"):
            if type(fields[name]) is not int or not 1 <= fields[name] <= LARGEST_INTEGER:
                raise Refused(422, f"{name} must be an integer from 1 to 2^53-1")
        self.require_key(fields["paymentId"])
        status, reference = self.ledger.charge(fields["paymentId"], fields["orderId"], fields["userId"], fields["amount"])
        if status == "DECLINED":
            return 402, {"status": status, "reason": "the card was declined"}
        return 200, {"status": status, "reference": reference}

    def refund(self, payment):
        self.require_key(payment + "-refund")
        self.ledger.refund(payment)
        return 200, {"status": "REFUNDED"}

    def require_key(self, wanted):
        if self.headers.get("Idempotency-Key") != wanted:
            raise Refused(400, f"Idempotency-Key must be {wanted}")

    def operation(self, name, work):
        """Carries a request out, or fails it the way it was asked to."""
        if self.token and self.headers.get("Authorization") != f"Bearer {self.token}":
            return self.answer(401, {"error": "the token is missing or wrong"})
        fault = self.faults.take(name)
        kind = fault.get("kind")
        with self.faults:
            if kind == "drop":
                return self.hang_up()
            if kind == "hang":
                # Until the client gives up.
                self.connection.settimeout(None)
                self.connection.recv(1)
                return self.hang_up()
            if kind == "status":
                return self.misanswer(fault)
            try:
                status, answer = work()
            except Refused as refused:
                status, answer = refused.status, {"error": str(refused)}
            if kind == "lose":
                return self.hang_up()
            if kind == "late-status":
                return self.misanswer(fault)
            if kind == "garbage":
                return self.answer(200, "{nothing")
            if kind == "trickle":
                return self.trickle(status, answer, fault["seconds"])
            if kind == "endless":
                return self.flood()
            if kind == "delay":
                time.sleep(fault["seconds"])
            self.answer(status, answer)
            if kind == "twice":
                self.answer(status, answer)

    def misanswer(self, fault):
        self.answer(fault["status"], fault.get("body", {"error": "as it was asked for"}), fault.get("retryAfter"))

    def trickle(self, status, answer, seconds):
        self.close_connection = True
        body = json.dumps(answer)
        text = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        try:
            for byte in text.encode():
                self.wfile.write(bytes([byte]))
                time.sleep(seconds)
        except OSError:
            pass

    def flood(self):
        self.close_connection = True
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
            while True:
                self.wfile.write(b" " * 65536)
        except OSError:
            pass

    def body(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            return b""
        return self.rfile.read(length)

    @staticmethod
    def parsed(body):
        try:
            return json.loads(body)
        except ValueError:
            raise Refused(400, "the body is not JSON") from None

    def answer(self, status, value, retry_after=None):
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if retry_after is not None:
                self.send_header("Retry-After", str(retry_after))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # The client has given up.
            self.close_connection = True

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def log_message(self, form, *arguments):
        print(f"{self.log_date_time_string()} {form % arguments}", file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8099, help="on 127.0.0.1; 0: any that is free (default 8099)")
    parser.add_argument("--ledger", default="ledger.db", help="the file of the ledger (default ledger.db)")
    parser.add_argument("--token", help="the bearer token that requests must carry")
    parser.add_argument("--certificate", help="a file with a certificate and its key (PEM): speaks TLS")
    parser.add_argument("--declined-user", type=int, action="append", default=[], help="a user whose card is declined; may be repeated")
    options = parser.parse_args()

    Provider.ledger = Ledger(options.ledger, set(options.declined_user))
    Provider.faults = Faults()
    Provider.token = options.token
    server = Server(("127.0.0.1", options.port), Provider)
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening on {'https' if options.certificate else 'http'}://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
