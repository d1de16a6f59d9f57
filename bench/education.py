"""How well points tell who will become a customer, on the real leads of an education company: AUC on a held-out part.

Three ways, on the same leads and columns: the hand-made model of docs/examples, the points suggested for its rules from
seven of ten leads, and a logistic regression that may weigh every value of every column as it likes. The columns that
salespeople filled in afterwards, and that so give the outcome away, are not read.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log1p
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connection
from django.db.models import Case, Value, When

from bench.report import Report
from bench.server import BASE, Server
from forms_intake.imports import import_leads
from leads.conditions import lead_vocabulary
from leads.models import Lead, Status
from scoring.definition import ModelSpec, freeze, spec_of
from scoring.exchange import load_model
from scoring.models import ModelVersion
from scoring.outcomes import Outcome, outcome_of
from scoring.rehearsal import past
from scoring.rehearsal.curves import auc
from scoring.rehearsal.extra import regression
from scoring.rehearsal.inputs import counting, inputs_of
from scoring.rehearsal.suggest import FINE, Suggestion, suggest
from scoring.rehearsal.tally import Tally

EXAMPLES = BASE / "docs" / "examples"
SEED = 2026
TRAINED = 0.7
GOAL = 0.03
CLOSED = datetime(2026, 1, 1, tzinfo=UTC)
"""The file has no dates: every lead is closed at one moment."""
NUMBERS = ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit")
CHOICES = (
    "Lead Origin",
    "Lead Source",
    "Do Not Email",
    "Last Activity",
    "Country",
    "Specialization",
    "What is your current occupation",
    "City",
    "Last Notable Activity",
)
NOTHING = {"", "Select"}

DEFAULT: dict[str, int] = {}
FULL = DEFAULT


@dataclass(frozen=True)
class Figures:
    """AUC on the held-out leads, of `tested` leads after `trained` ones were learned from."""

    by_hand: float
    suggested: float
    unrestricted: float
    trained: int
    tested: int
    suggestion: Suggestion


def measure(server: Server, *, file: Path) -> Report:
    """The figures, in a database of their own."""
    server.create(server.run)
    server.use(server.run)
    call_command("migrate", verbosity=0)
    found = figures(file)
    connection.close()
    server.drop(server.run)
    return Report(
        name="education",
        ours=found.suggested,
        limit=found.unrestricted,
        ratio=found.suggested / found.unrestricted,
        goal=GOAL,
        goal_is="AUC at most so far below the unrestricted regression's",
        ok=found.unrestricted - found.suggested <= GOAL,
        n=found.tested,
        unit="AUC",
        runs=[{"ours": found.suggested, "limit": found.unrestricted}],
        more={
            "by_hand": found.by_hand,
            "trained": found.trained,
            "seed": SEED,
            "points": {one.name: one.proposed for one in found.suggestion.proposals},
            "threshold": found.suggestion.threshold,
        },
    )


def figures(file: Path) -> Figures:
    """Imports the leads of `file` into the database in use, closes each as its outcome says, and measures."""
    import_leads(file, EXAMPLES / "education-leads.mapping.json")
    close_as_known()
    by_hand = the_model()
    train, test = split(sorted(Lead.objects.values_list("external_id", flat=True)))
    inputs, won = inputs_of(past.scored([counting(by_hand)], of(train), lead_vocabulary(scoring=True)))
    suggestion = suggest(by_hand, inputs, won)
    proposed = zip(by_hand.rules, suggestion.proposals, strict=True)
    suggested = replace(by_hand, rules=tuple(replace(rule, points=each.proposed) for rule, each in proposed))
    return Figures(
        by_hand=area(by_hand, test),
        suggested=area(suggested, test),
        unrestricted=unrestricted_area(file, train, test),
        trained=len(train),
        tested=len(test),
        suggestion=suggestion,
    )


def close_as_known() -> None:
    won = When(custom__became_customer=True, then=Value(Status.QUALIFIED.value))
    Lead.objects.update(status=Case(won, default=Value(Status.DISQUALIFIED.value)), closed_at=CLOSED)


def the_model() -> ModelSpec:
    """The hand-made model, as a draft."""
    model = load_model(json.loads((EXAMPLES / "education-model.json").read_text(encoding="utf-8")))
    return spec_of(ModelVersion(pk=0, model=model, definition=freeze(model)))


def split(numbers: Sequence[str]) -> tuple[list[str], list[str]]:
    """(learned from, held out), the same whenever the same leads are split."""
    shuffled = list(numbers)
    Random(SEED).shuffle(shuffled)
    cut = round(len(shuffled) * TRAINED)
    return shuffled[:cut], shuffled[cut:]


def of(numbers: Sequence[str]) -> list[past.Closed]:
    closed = Lead.objects.filter(external_id__in=numbers).annotate(came=outcome_of()).order_by("id")
    rows = closed.values_list("id", "closed_at", "came")
    return [past.Closed(lead_id, closed_at, came == Outcome.WON) for lead_id, closed_at, came in rows]


def area(spec: ModelSpec, numbers: Sequence[str]) -> float:
    """The AUC of the engine's own scores on these leads."""
    return area_of((said.score, said.won) for said in past.scored([spec], of(numbers), lead_vocabulary(scoring=True)))


def area_of(scored: Iterable[tuple[int, bool]]) -> float:
    counted = Tally(kinds=2)
    for score, won in scored:
        counted.add(score, int(won))
    found = auc(counted.rows())
    if found is None:
        raise ValueError("The held-out leads are all won or all lost.")
    return found


def unrestricted_area(file: Path, train: Sequence[str], test: Sequence[str]) -> float:
    """The AUC on `test` of a regression fitted to `train` that sees each value of each column."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = {row["Lead Number"]: row for row in csv.DictReader(opened)}
    encode = encoder([rows[number] for number in train])
    inputs = [encode(rows[number]) for number in train]
    fit = regression("fit")(inputs, [rows[number]["Converted"] == "1" for number in train])

    def odds(row: dict[str, str]) -> int:
        found: float = sum(weight * value for weight, value in zip(fit.weights, encode(row), strict=True))
        return round(FINE * found)

    return area_of((odds(rows[number]), rows[number]["Converted"] == "1") for number in test)


def encoder(rows: Sequence[dict[str, str]]) -> Callable[[dict[str, str]], list[float]]:
    """A column for each value that these rows have; for a number itself, its logarithm, and whether it is there."""
    values = [(column, value) for column in CHOICES for value in sorted({row[column] for row in rows} - NOTHING)]

    def encode(row: dict[str, str]) -> list[float]:
        found = [float(row[column] == value) for column, value in values]
        for column in NUMBERS:
            number = float(row[column] or 0)
            found += [number, log1p(number), float(row[column] == "")]
        return found

    return encode
