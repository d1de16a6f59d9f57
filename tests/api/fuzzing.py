"""The whole API and the doors that anybody may call, asked by schemathesis for what nobody thought of.

What is looked for: answers of 500 and more, refusals that are no problem details, and answers of another shape than was
said. Each case is a call with Django's test client, in a transaction that is taken back.

What chance makes is mostly about nothing that exists. So of four cases three are given ids of what does, in the
address, in its query and in the body, and half of all the values of a form's fields: they get further in.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count
from time import perf_counter
from typing import Any

import requests
import schemathesis
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from leadcrm.api.assembly import v1
from tests.ads.network import signed
from tests.api import doors
from tests.api.asked_world import World, a_world
from tests.tracking.browsing import HOME

API = "/api/v1"
ONLY_MAKE = settings(
    deadline=None,
    database=None,
    derandomize=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""A wrong answer is written down and the next case asked: nothing is made smaller, repeated or kept."""
ROUND = 50
"""Cases of one operation in one round: enough to be quick, few enough that every round has seen them all."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE, GenerationMode.POSITIVE)
"""By round: as the description says, and of three rounds one against it."""
BARE: dict[str, dict[str, Any]] = {
    "POST /api/v1/leads": {"topic": "Route planning"},
    "POST /t/{website}/": {"v": "0" * 32, "h": [{"i": "0" * 32, "u": f"{HOME}/pricing/"}]},
}
"""Operations of whose values chance makes one wrong nearly each time: every fourth case has only ids and these."""
_senders = count(1)
FIELDS = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}


@dataclass
class Found:
    """How many calls there were, by what was answered; what must not be; which operations did what they are for."""

    statuses: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    operations: Counter = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    seconds: float = 0.0

    @property
    def calls(self) -> int:
        return self.statuses.total()

    @property
    def never_reached(self) -> list[str]:
        """Operations that refused everything."""
        return sorted(set(self.operations) - self.reached)


def ask(*, cases: int, every: int = 1) -> Found:
    """Ask all operations, or one of `every` so many, round after round until there were so many cases."""
    found, world, number = Found(), a_world(), 0
    asked = list(_operations())[::every]
    began = perf_counter()
    with _quiet():
        _can_commit()
        while found.calls < cases:
            before = found.calls
            for operation in asked:
                _ask_some(operation, world, found, number)
            number += 1
            if found.calls == before and number > len(MODES):
                break  # nothing makes cases any more; the caller counts
    found.seconds = perf_counter() - began
    return found


def _operations() -> Iterator[Any]:
    for document in (v1.get_openapi_schema(), doors.described()):
        for one in schemathesis.openapi.from_dict(document).get_all_operations():
            assert isinstance(one, Ok), one
            yield one.ok()


def _ask_some(operation: Any, world: World, found: Found, number: int) -> None:
    """A round of one operation. `number` is the round's, and decides with the operation which cases are made."""
    strategy = operation.as_strategy(generation_mode=MODES[number % len(MODES)])

    @seed(f"{number} {operation.label}")
    @settings(ONLY_MAKE, max_examples=ROUND)
    @given(case=strategy)
    def one(case: Any) -> None:
        with transaction.atomic():
            _ask(operation, case, world, found)
            transaction.set_rollback(True)

    try:
        one()
    except Unsatisfiable:
        return  # whatever is sent to an operation without parameters is as it is described


def _ask(operation: Any, case: Any, world: World, found: Found) -> None:
    if found.calls % 4:
        _about_what_exists(operation, case, world, found.calls)
    label, is_api = operation.label, operation.path.startswith(API)
    response = _call(world, case, is_api=is_api)
    status = response.status_code if response.status_code >= 500 or _can_commit() else 599
    found.statuses[status] += 1
    found.operations[label] += 1
    if status < 400:
        found.reached.add(label)
    if status >= 500 and status != 503:
        found.wrong.append(f"{label}: {status} for {case.path_parameters!r} {case.body!r} {case.query!r}"[:900])
    elif is_api and status >= 400 and "problem+json" not in response["Content-Type"]:
        found.wrong.append(f"{label}: {status} is no problem: {response.content[:100]!r}")
    elif is_api and str(status) not in operation.definition.raw["responses"]:
        found.wrong.append(f"{label}: {status} was not said")


def _can_commit() -> bool:
    """Whether what was written holds, as it is asked at the end of a transaction that is not taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError:
        return False
    return True


def _about_what_exists(operation: Any, case: Any, world: World, number: int) -> None:
    """Put ids and words of this world where the case has some of its own; `number` is of the case."""
    for name in case.path_parameters or {}:
        value = world.ids.get(name)
        if name == "id" and (known := world.records.get("/".join(operation.path.split("/")[:4]))):
            value = known[number // 4 % len(known)]
        if value is not None:
            case.path_parameters[name] = value
    _exchange(case.query, world.ids)
    _exchange(case.body, world.ids)
    if isinstance(case.body, dict) and number % 4 > 1 and operation.method == "post":
        takes_fields = operation.path.startswith(("/f/", "/capture/"))
        said = case.body if takes_fields else case.body.get("values")
        if isinstance(said, dict):
            said |= FIELDS
        if "email" in case.body:
            case.body["email"] = FIELDS["email"]
    if number % 4 == 3 and operation.label in BARE and isinstance(case.body, dict):
        case.body = {key: value for key, value in case.body.items() if key in world.ids} | BARE[operation.label]
    if operation.path.startswith("/t/{website}") and number % 4 > 1:
        case.headers["Origin"] = HOME
    if operation.method == "patch":
        case.headers["If-Match"] = "*"


def _exchange(said: Any, ids: dict[str, Any]) -> None:
    if isinstance(said, list):
        for one in said[:50]:
            _exchange(one, ids)
    elif isinstance(said, dict):
        for key, value in said.items():
            if key in ids and value is not None:
                said[key] = ids[key]
            else:
                _exchange(value, ids)


def _call(world: World, case: Any, *, is_api: bool) -> Any:
    """The call of a case as the network would bring it."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    prepared = _prepared(sent)
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    headers = {str(name): _latin(str(value)) for name, value in (sent.get("headers") or {}).items()}
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    if is_api:
        headers["Authorization"] = f"Bearer {world.token}"
    elif prepared.path_url.startswith("/hooks/"):
        headers["X-LI-Signature"] = signed(body)
    client = world.person if prepared.path_url.startswith("/capture/") else world.client
    client.cookies.pop("leadcrm_variant", None)
    # Limits are for each address; this is about answers beneath them.
    sender = str(IPv4Address(0x0A000000 + next(_senders)))
    kind = prepared.headers.get("Content-Type", "")
    return client.generic(
        sent["method"], prepared.path_url, body, content_type=kind, headers=headers, REMOTE_ADDR=sender
    )


def _prepared(sent: dict[str, Any]) -> Any:
    wanted = {name: sent[name] for name in ("method", "url", "params", "json", "data", "files") if name in sent}
    return requests.Request(**wanted).prepare()


def _latin(text: str) -> str:
    return text.encode("latin-1", errors="replace").decode("latin-1").replace("\r", "").replace("\n", "")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the log: a line for each of so many calls is kept by the test runner, and never read."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
