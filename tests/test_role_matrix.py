"""Every page of the product, asked for and posted to as every role: who is let in, and that a refusal changes nothing.

The table is tests/role_matrix.py. What a role may do to one lead, whoever has it and however far it is, is proved in
tests/leads/test_access.py; here the leads are nobody's and wait for sales.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils.safestring import SafeString

from contacts.models import Role
from tests.build import a_user
from tests.role_matrix import MATRIX, PUBLIC
from tests.role_world import World, a_world

pytestmark = pytest.mark.django_db

LETTERS = {
    Role.MARKETER: "M",
    Role.TELEPROSPECTOR: "T",
    Role.SALESPERSON: "S",
    Role.SALES_MANAGER: "G",
    Role.ADMINISTRATOR: "A",
    Role.READER: "R",
}
REFUSED = frozenset({403, 404, 405})
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b|\s*WITH\b.*\b(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b", re.S
)
SESSION = re.compile(r'"?django_session"?')


ELSEWHERE = frozenset({"admin/", "api/v1/"})
"""Who is let in there is proved in tests/admin/test_access.py and tests/api/test_tokens.py."""


def routes() -> list[str]:
    """Every address there is, as Django writes it, but those `ELSEWHERE`."""

    def below(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                if route not in ELSEWHERE:
                    yield from below(pattern.url_patterns, route)
            else:
                yield route

    return list(below(get_resolver().url_patterns, ""))


class Answer(NamedTuple):
    status: int
    let_in: bool
    written: list[str]


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that change rows while it lasts, sessions aside."""
    found: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql) and not SESSION.search(sql):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield found


def answer(client: Client, method: str, path: str, sent: dict[str, Any] | None = None) -> Answer:
    """What somebody got, and what was written; afterwards the world is as it was."""
    signed_in = client.cookies["sessionid"].value if "sessionid" in client.cookies else ""
    with transaction.atomic():
        with writes() as written:
            response = getattr(client, method)(path, sent)
            if response.streaming:
                list(response.streaming_content)
        transaction.set_rollback(True)
    if signed_in:
        client.cookies["sessionid"] = signed_in
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/sign-in/")
    return Answer(response.status_code, response.status_code not in REFUSED and not to_sign_in, written)


def one_of(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user(role))
    return client


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not drawn: who is let in is decided before, and most of the time goes into drawing."""
    monkeypatch.setattr(Template, "render", lambda *_, **__: SafeString(""))


def test_the_table_names_every_address_and_no_other() -> None:
    assert sorted((set(MATRIX) | PUBLIC) ^ set(routes())) == []


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_who_is_let_in_and_that_a_refusal_changes_nothing(role: Role, world: World, unrendered: None) -> None:
    assert_as_the_table_says(role, world)


def test_an_administrator_is_let_in_as_the_table_says_and_finds_no_page_broken(world: World) -> None:
    """All pages are drawn this time, and what is posted without a word is answered too."""
    broken = assert_as_the_table_says(Role.ADMINISTRATOR, world)

    assert not broken, "\n".join(broken)


def assert_as_the_table_says(role: Role, world: World) -> list[str]:
    """Ask and post as one of this role; which addresses broke under it."""
    client = one_of(role)
    wrong, broken = [], []
    for route, (reads, posts) in MATRIX.items():
        for method, letters in (("get", reads), ("post", posts)):
            status, let_in, written = answer(client, method, world.path(route), world.sent.get(route))
            if let_in != (LETTERS[role] in letters):
                wrong.append(f"{method} {route}: {role} is {'let in' if let_in else 'refused'}")
            if not let_in and written:
                wrong.append(f"{method} {route}: {role} is refused, and yet {written[0][:80]}")
            if status >= 500:
                broken.append(f"{method} {route}: {status}")
    assert not wrong, "\n".join(wrong)
    return broken


def test_who_is_not_signed_in_sees_nothing_and_changes_nothing(world: World, unrendered: None) -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for route in MATRIX:
        for method in ("get", "post"):
            _, let_in, written = answer(client, method, world.path(route))
            if let_in or written:
                wrong.append(f"{method} {route}")

    assert not wrong, "\n".join(wrong)


def test_a_salesperson_reaches_nothing_of_a_lead_that_is_not_theirs_to_see(world: World, unrendered: None) -> None:
    client, wrong = one_of(Role.SALESPERSON), []
    for route in MATRIX:
        path = world.path_of_hidden(route)
        if path is None:
            continue
        for method in ("get", "post"):
            _, let_in, written = answer(client, method, path)
            if let_in or written:
                wrong.append(f"{method} {route}")

    assert not wrong, "\n".join(wrong)
