"""Log lines are JSON and say which request or task they belong to."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery import shared_task
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from contacts.models import MatchKey
from contacts.services.contacts import create_contact
from leadcrm.celery import app
from leadcrm.lib.logs import logging_config
from leadcrm.lib.middleware import RequestLog


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything logged, formatted as in production."""
    formatters = logging_config(level="INFO", lines_for_people=False)["formatters"]["lines"]
    arguments = {name: value for name, value in formatters.items() if name != "()"}
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatters["()"](**arguments))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield written
    root.removeHandler(handler)
    root.setLevel(before)
    structlog.contextvars.clear_contextvars()


def parsed(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def answer(request: HttpRequest) -> HttpResponse:
    structlog.get_logger("ours").info("within", who="a view")
    logging.getLogger("theirs").warning("within %s", "a library")
    return HttpResponse()


def test_all_lines_of_a_request_carry_its_id(lines: io.StringIO, rf: RequestFactory) -> None:
    response = RequestLog(answer)(rf.get("/leads/", headers={"X-Request-Id": "abc-123"}))

    assert response["X-Request-Id"] == "abc-123"
    assert [line["event"] for line in parsed(lines)] == ["within", "within a library", "request"]
    assert {line["request_id"] for line in parsed(lines)} == {"abc-123"}
    assert parsed(lines)[-1]["path"] == "/leads/"
    assert parsed(lines)[-1]["status"] == 200


@pytest.mark.parametrize("given", ["", "a b", "<script>", "x\ny", 'a"b'])
def test_an_id_that_could_do_harm_is_replaced(rf: RequestFactory, lines: io.StringIO, given: str) -> None:
    response = RequestLog(answer)(rf.get("/leads/", headers={"X-Request-Id": given} if given else {}))

    assert len(response["X-Request-Id"]) == 32
    assert response["X-Request-Id"].isalnum()


def test_assets_leave_no_lines(lines: io.StringIO, rf: RequestFactory) -> None:
    RequestLog(lambda request: HttpResponse())(rf.get("/static/css/app.css"))

    assert parsed(lines) == []


def test_all_lines_of_a_task_carry_its_id(lines: io.StringIO) -> None:
    @shared_task(name="tests.speak")
    def speak() -> None:
        structlog.get_logger("ours").info("from within the task")

    app.tasks["tests.speak"].apply(task_id="task-1")
    structlog.get_logger("ours").info("afterwards")

    within, afterwards = (line for line in parsed(lines) if line["logger"] == "ours")
    assert (within["task_id"], within["task"]) == ("task-1", "tests.speak")
    assert "task_id" not in afterwards


@pytest.mark.django_db
def test_what_the_database_tells_of_somebodys_row_stays_out_of_the_log(lines: io.StringIO) -> None:
    create_contact(email="nina@nordwind.example")
    key = MatchKey.objects.get()
    try:
        with transaction.atomic():
            MatchKey.objects.create(kind=key.kind, value=key.value, contact_id=key.contact_id)
    except IntegrityError as error:
        structlog.get_logger("ours").exception("refused", error=repr(error))
        logging.getLogger("theirs").exception("refused: %r", error)

    ours, theirs = parsed(lines)
    assert "nina" not in lines.getvalue()
    for said in (ours["error"], ours["exception"], theirs["event"], theirs["exception"]):
        assert "duplicate key" in said
        assert "DETAIL: (left out)" in said


def test_parts_of_an_address_that_open_something_are_not_written(lines: io.StringIO, rf: RequestFactory) -> None:
    RequestLog(lambda request: HttpResponse())(rf.get(f"/t/c/{'a' * 60}/"))
    RequestLog(lambda request: HttpResponse())(rf.get("/submissions/0f4e2a4c-37a5-4d3c-9a5e-1f1c2d3e4f50/"))

    paths = [line["path"] for line in parsed(lines)]
    assert paths == ["/t/c/…/", "/submissions/0f4e2a4c-37a5-4d3c-9a5e-1f1c2d3e4f50/"]
