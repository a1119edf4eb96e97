"""The HTTP side of a service."""

import os
import re
from datetime import datetime, timezone
from typing import Annotated

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .event import milliseconds, new_id
from .order import NAMES, PENDING, OrderService
from .store import Store
from .writer import Writer

BACKLOG_LIMIT = 100_000

Number = Annotated[int, Field(strict=True, ge=1, le=2**53 - 1)]


class NewOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")
    userId: Number
    productId: Number
    quantity: Number
    amount: Number


def json(status: int, document, headers: dict | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, "application/json")


def problem(status: int, title: str, headers: dict | None = None) -> Response:
    return Response(orjson.dumps({"title": title, "status": status}), status, headers, "application/problem+json")


def timestamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def shown(id, user, product, quantity, amount, status, reason, created, updated) -> dict:
    order = {"orderId": id, "userId": user, "productId": product, "quantity": quantity, "amount": amount, "status": NAMES[status]}
    if reason:
        order["reason"] = reason
    return order | {"createdAt": timestamp(created), "updatedAt": timestamp(updated)}


def application(name: str, store: Store, writer: Writer) -> FastAPI:
    """What each service has: GET /status and /metrics, as the benchmark asks them of every suite."""
    app = FastAPI(openapi_url=None)

    async def status(_: Request) -> Response:
        document = {
            "service": name, "state": "ready", "pid": os.getpid(), "outbox": {"pending": store.outbox.pending}, "deadLetters": writer.dead_letters,
        }  # fmt: skip
        if isinstance(service := writer.service, OrderService):
            document["orders"] = dict(zip(NAMES, service.counts))
        return json(200, document)

    async def metrics(_: Request) -> Response:
        return Response(f"saga_commit_duration_seconds_count {writer.commits}\n", media_type="text/plain")

    app.add_route("/status", status)
    app.add_route("/metrics", metrics)
    return app


def add_orders(app: FastAPI, service: OrderService, writer: Writer):
    # Plain routes: what FastAPI would do between a request and a function with declared parameters takes longer than the function.
    async def place(request: Request) -> Response:
        if service.store.outbox.pending > BACKLOG_LIMIT:
            return problem(503, "Too many events are waiting to be published", {"Retry-After": "1"})
        try:
            wish = NewOrder.__pydantic_validator__.validate_json(await request.body())
        except ValidationError as error:
            return problem(422, str(error))
        now = milliseconds()
        id = new_id(now)
        await writer.carry_out((id, wish.userId, wish.productId, wish.quantity, wish.amount, now, now))
        order = shown(id, wish.userId, wish.productId, wish.quantity, wish.amount, PENDING, None, now, now)
        return json(201, order, {"Location": f"/orders/{id}"})

    async def show(request: Request) -> Response:
        id = request.path_params["id"]
        row = service.find(id)
        if row is None:
            return problem(404, "No such order")
        if (wait := request.query_params.get("wait")) is not None:
            if not (match := re.fullmatch(r"(\d+)(ms|s|m)", wait)):
                return problem(400, "wait is a duration such as 10s")
            if row[5] == PENDING:
                await service.decision(id, min(60, int(match[1]) * {"ms": 0.001, "s": 1, "m": 60}[match[2]]))
                row = service.find(id)
        return json(200, shown(*row[:7], *row[9:]))

    app.add_route("/orders", place, methods=["POST"])
    app.add_route("/orders/{id}", show)


def add_inventory(app: FastAPI, store: Store):
    async def products(_: Request) -> Response:
        rows = store.read("SELECT product_id, available, reserved, sold FROM stock ORDER BY product_id")
        return json(200, {"products": [dict(zip(("productId", "available", "reserved", "sold"), row)) for row in rows]})

    app.add_route("/inventory", products)
