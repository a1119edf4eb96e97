"""A collector of traces that decodes what it gets with the official messages, and writes the spans down, a JSON document a line.

usage: collector.py PORT RECORD

What it answers is in the file RECORD.behaviour, read anew each time: {"status": 200, "headers": {}, "answer": {}}.
"""
import base64
import http.server
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

port, record = int(sys.argv[1]), sys.argv[2]


def with_binary_ids(value):
    """OTLP has ids in hexadecimal where the JSON of Protocol Buffers has Base64; all else is the same."""
    if isinstance(value, list):
        return [with_binary_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {
        name: base64.b64encode(bytes.fromhex(member)).decode() if name in ids else with_binary_ids(member)
        for name, member in value.items()
    }


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(404, {}, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            with open(record + ".behaviour") as file:
                behaviour = json.load(file)
        except FileNotFoundError:
            behaviour = {}
        status = behaviour.get("status", 200)
        if status == 200:
            self.note(body)
        self.answer(status, behaviour.get("headers", {}), json.dumps(behaviour.get("answer", {})).encode())

    def note(self, body):
        lines = []
        try:
            assert self.path == "/v1/traces" and self.headers["content-type"] == "application/json", self.path
            # Unknown members are errors.
            request = json_format.ParseDict(with_binary_ids(json.loads(body)), trace_service_pb2.ExportTraceServiceRequest())
            for resource in request.resource_spans:
                service = attributes(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        assert len(span.trace_id) == 16 and len(span.span_id) == 8 and len(span.parent_span_id) in (0, 8)
                        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
                        lines.append({
                            "service": service, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                            "parent": span.parent_span_id.hex(), "kind": trace_pb2.Span.SpanKind.Name(span.kind), "name": span.name,
                            "attributes": attributes(span.attributes), "error": span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
                        })
        except Exception as error:
            lines = [{"problem": repr(error), "body": body.decode(errors="replace")}]
        with open(record, "a") as file:
            file.write("".join(json.dumps(line) + "\n" for line in lines))

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Collector).serve_forever()
