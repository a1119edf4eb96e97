"""A receiver of webhooks that verifies each with the public library and writes down what it got, a JSON document a line.

usage: webhooks.py PORT SECRET RECORD [CERTIFICATE]

What it answers is in the file RECORD.behaviour, read anew each time: a JSON object from an order's id, or "*", to a behaviour, which is
{"status": 200, "headers": {}, "delay": 0, "body": 0}.
"""
import http.server
import json
import os
import ssl
import sys
import time

from standardwebhooks import Webhook

port, secret, record = int(sys.argv[1]), sys.argv[2], sys.argv[3]


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(404, {}, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            order = Webhook(secret).verify(body, dict(self.headers))
            problem = None
        except Exception as error:
            order, problem = json.loads(body), repr(error)
        try:
            with open(record + ".behaviour") as file:
                behaviours = json.load(file)
        except FileNotFoundError:
            behaviours = {}
        behaviour = behaviours.get(order["orderId"], behaviours.get("*", {}))
        status = behaviour.get("status", 200)
        line = {
            "path": self.path, "id": self.headers["webhook-id"], "timestamp": self.headers["webhook-timestamp"], "problem": problem,
            "order": order, "status": status, "at": time.time(), "type": self.headers["content-type"],
        }
        with open(record, "a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        time.sleep(behaviour.get("delay", 0))
        self.answer(status, behaviour.get("headers", {}), b"x" * behaviour.get("body", 0))

    def answer(self, status, headers, body):
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
