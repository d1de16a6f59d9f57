"""What rules about behaviour cost: computing every lead's score without any, with twelve and with twenty-four of them.

Only the computing is measured, chunk by chunk as a run does it: comparing and writing would hide what a rule costs.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import seed
from bench.model import ATTRIBUTES, BEHAVIOURS
from bench.report import Report, median
from bench.server import Server, vacuum
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.batch import Range
from scoring.compute import COLUMNS, scores_of
from scoring.definition import ModelSpec, draft_spec
from scoring.engine import FOR_BATCHES
from scoring.models import Rule, ScoringModel
from scoring.moments import At
from scoring.runs import CHUNK

DEFAULT = {"leads": 50_000, "rounds": 5}
FULL = {"leads": 1_000_000, "rounds": 3}
GOAL = 0.5
NUMBERS = (0, 12, 24)


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The cost of twelve more behaviour rules (`ours`) beside that of the first twelve (`limit`), in seconds."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    vacuum("leads_lead", "contacts_contact", "contacts_interaction")
    models = {number: model_with(number) for number in NUMBERS}
    computed(models[NUMBERS[0]])  # so that the first round finds the tables in memory as the others do
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        none, twelve, more = (computed(models[number]) for number in NUMBERS)
        runs.append(
            {"none": none, "twelve": twelve, "twenty_four": more, "first": twelve - none, "next": more - twelve}
        )
    connection.close()
    server.drop(server.run)
    first, following = median(runs, "first"), median(runs, "next")
    return Report(
        name="rules",
        ours=following,
        limit=first,
        ratio=following / first,
        goal=GOAL,
        goal_is="ratio below",
        ok=following < GOAL * first,
        n=leads,
        unit="s",
        runs=runs,
    )


def model_with(number: int) -> ModelSpec:
    """The draft of a model with that many behaviour rules: those of the benchmarks' model, again with other windows."""
    model = ScoringModel.objects.create(name=f"{number} rules about behaviour", threshold=60)
    behaviours: list[dict[str, Any]] = [
        BEHAVIOURS[place % len(BEHAVIOURS)] | {"name": f"Behaviour {place}"} for place in range(number)
    ]
    for place, rule in enumerate(behaviours[len(BEHAVIOURS) :]):
        rule["window_days"] = 20 + 10 * place
    rules = enumerate([*ATTRIBUTES, *behaviours])
    Rule.objects.bulk_create(Rule(model=model, position=position, **rule) for position, rule in rules)
    return draft_spec(model)


@transaction.atomic
def computed(model: ModelSpec) -> float:
    """Seconds to compute the model's score of every lead, as a run does it but without writing one."""
    vocabulary = lead_vocabulary(scoring=True)
    last: int = Lead.objects.order_by("-id").values_list("id", flat=True)[0]
    start = time.perf_counter()
    now = At(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(FOR_BATCHES)
        for after in range(0, last, CHUNK):
            wanted = scores_of(model, Range(after, after + CHUNK).leads(), vocabulary, now=now)
            cursor.execute(f"SELECT count(*), sum(score) FROM ({wanted.text}) computed ({COLUMNS})", wanted.params)
            number, total = cursor.fetchone()
            if not number or total is None:
                raise RuntimeError("no lead was scored: this would measure something else")
    return time.perf_counter() - start
