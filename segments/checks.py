"""What keeps a segment from going live, part by part."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from leads.conditions import InvalidCondition, Vocabulary, parse
from segments.definition import draft_of, segments_in, vocabulary_of
from segments.models import How, Kind, Segment, State

MOST_STEPS = 20


def problems_of(segment: Segment) -> list[tuple[str, str]]:
    """(part of the segment, what is wrong with it), for its draft; empty when it may go live."""
    problems = _steps(segment)
    if segment.kind == Kind.DYNAMIC:
        try:
            problems += _never_live(segments_in(parse(segment.condition, vocabulary_of(segment.subject))))
        except InvalidCondition as error:
            problems.append(("Conditions", f"at {error.path or 'the top'}: {error.problem}; expected {error.expected}"))
    if not problems:
        problems += _circle(segment)
    return problems


def _steps(segment: Segment) -> list[tuple[str, str]]:
    steps = segment.steps
    if segment.kind == Kind.STATIC:
        return [("Steps", "a list kept by hand has none")] if steps else []
    if not isinstance(steps, list) or not all(_is_step(step) for step in steps):
        return [("Steps", 'each is {"how": "union", "intersect" or "except", "segment": number}')]
    problems = []
    if segment.kind == Kind.COMPOUND and not steps:
        problems.append(("Steps", "there are none: begin with a segment"))
    if len(steps) > MOST_STEPS:
        problems.append(("Steps", f"there are {len(steps)}; {MOST_STEPS} is the most"))
    known = Segment.objects.alive().in_bulk([step["segment"] for step in steps])
    for number, step in enumerate(steps, start=1):
        other = known.get(step["segment"])
        if other is None:
            problems.append((f"Step {number}", "its segment does not exist any more"))
        elif other.pk == segment.pk:
            problems.append((f"Step {number}", "a segment cannot be made of itself"))
        elif other.subject != segment.subject:
            problems.append((f"Step {number}", f"{other.name} is of {other.get_subject_display().lower()}"))
        elif other.state != State.LIVE:
            problems.append((f"Step {number}", f"{other.name} is not live, so its members are not up to date"))
    return problems


def _never_live(asked: Collection[int]) -> list[tuple[str, str]]:
    drafts = Segment.objects.alive().filter(pk__in=asked, state=State.DRAFT)
    return [("Conditions", f"{draft.name} has never been live, so it has no members") for draft in drafts]


def _is_step(step: Any) -> bool:
    if not isinstance(step, dict) or step.keys() != {"how", "segment"}:
        return False
    return step["how"] in How.values and type(step["segment"]) is int and 0 < step["segment"] < 2**63


def _circle(segment: Segment) -> list[tuple[str, str]]:
    """A segment whose members depend on its own members would never come to rest."""
    known = Segment.objects.alive().in_bulk()
    vocabularies = {subject: vocabulary_of(subject) for subject in {one.subject for one in [segment, *known.values()]}}
    begin = uses(segment, draft_of(segment), vocabularies[segment.subject])
    seen, ahead = set[int](), [(used, [segment.name]) for used in sorted(begin)]
    while ahead:
        pk, path = ahead.pop()
        if pk == segment.pk:
            return [("Segments", f"it goes in a circle: {' is made of '.join([*path, segment.name])}")]
        other = known.get(pk)
        if other is None or pk in seen:
            continue
        seen.add(pk)
        forms = [form for form in (other.live, draft_of(other)) if form]
        ahead += [
            (used, [*path, other.name])
            for form in forms
            for used in sorted(uses(other, form, vocabularies[other.subject]))
        ]
    return []


def uses(segment: Segment, form: dict[str, Any], vocabulary: Vocabulary) -> frozenset[int]:
    """The ids of the segments that a definition asks for, by steps and by conditions; what cannot be read asks none."""
    steps = form["steps"] if isinstance(form["steps"], list) else []
    named = frozenset(step["segment"] for step in steps if _is_step(step))
    if segment.kind != Kind.DYNAMIC:
        return named
    try:
        return named | segments_in(parse(form["condition"], vocabulary, stored=True))
    except InvalidCondition:
        return named
