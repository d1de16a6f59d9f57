"""Variants of a page, and tests that compare them: begun by going live with several, ended by choosing one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from forms_intake.errors import ChangedSince, PageGone, PageRefused
from forms_intake.landing.definition import (
    FIRST,
    LETTERS,
    Definition,
    Variant,
    settings_of,
    variant_of,
    variants_of,
    with_new_id,
)
from forms_intake.landing.editing import add_version, letters_of, locked, write
from forms_intake.landing.statistics import planned
from forms_intake.models import LandingPage, PageState, PageTest
from forms_intake.spec.remembering import forget_specs

WEIGHTS = (1, 100)


def running_test(page: LandingPage) -> PageTest | None:
    return PageTest.objects.filter(page=page, ended_at=None).first()


@transaction.atomic
def add_variant(*, page_id: int, like: str, name: str, by: User) -> Variant:
    """Another variant of the draft, that says what `like` says. Raises PageGone, PageRefused."""
    page = locked(page_id)
    taken = set(letters_of(page.draft))
    letter = next((one for one in LETTERS if one not in taken), "")
    if not letter:
        raise PageRefused(f"A page has {len(LETTERS)} variants at most.")
    other = variant_of(page.draft, like)
    made: Variant = deepcopy(other) | {"letter": letter, "name": name[:60]}
    made["blocks"] = [with_new_id(block) for block in other["blocks"]]
    page.draft["variants"].append(made)
    write(page, by)
    return made


@transaction.atomic
def edit_variant(*, page_id: int, letter: str, name: str, weight: int, by: User) -> None:
    """Its name, and how many of the visitors see it. Raises PageGone."""
    page = locked(page_id)
    variant = _exactly(page, letter)
    changed = {"name": name[:60], "weight": min(max(weight, WEIGHTS[0]), WEIGHTS[1])}
    if any(variant[key] != value for key, value in changed.items()):
        variant |= changed
        write(page, by)


@transaction.atomic
def remove_variant(*, page_id: int, letter: str, by: User) -> None:
    """Take a variant out of the draft; the first stays. Raises PageGone, PageRefused."""
    page = locked(page_id)
    variant = _exactly(page, letter)
    if letter == FIRST:
        raise PageRefused("The first variant is the page itself; remove the others instead.")
    page.draft["variants"].remove(variant)
    write(page, by)


def compared(definition: Definition) -> list[Any]:
    """What a test compares: when this changes, it is another test."""
    return [(one["letter"], one["theme"], one["weight"], one["blocks"]) for one in variants_of(definition)]


def restarts(page: LandingPage) -> bool:
    """Whether going live with the draft ends the running test and, with several variants, begins another."""
    return (
        page.version is not None
        and running_test(page) is not None
        and compared(page.version.definition) != compared(page.draft)
    )


def follow(page: LandingPage, before: Definition | None, *, expected: float, difference: float, by: User) -> None:
    """End and begin tests as what is live now asks. The page must be held, and its new version written.

    `expected` conversion and the smallest `difference` worth knowing, both in per cent.
    """
    live = page.version.definition if page.version else page.draft
    running = running_test(page)
    if running and (before is None or compared(before) != compared(live)):
        _end(running, by=by)
        running = None
    if running is None and len(variants_of(live)) > 1:
        last = PageTest.objects.filter(page=page).order_by("-number").values_list("number", flat=True).first() or 0
        PageTest.objects.create(
            page=page,
            number=last + 1,
            letters=letters_of(live),
            expected=expected,
            difference=difference,
            planned=planned(expected / 100, difference / 100),
            started_by=by,
        )


@transaction.atomic
def choose_winner(*, page_id: int, test: int, letter: str, by: User) -> LandingPage:
    """End a test: from now on everybody sees this variant. Raises PageGone, PageRefused, ChangedSince.

    What the draft says beside it stays the draft's.
    """
    page = locked(page_id)
    running = running_test(page)
    if running is None or running.number != test or page.version is None:
        raise ChangedSince(f"the test of {page.title}", by=str(page.edited_by or ""))
    if letter not in running.letters:
        raise PageRefused("There is no such variant in this test.")
    _end(running, by=by, winner=letter)
    draft_is_live = page.draft == page.version.definition
    live = _only(page.version.definition, letter)
    page.draft = deepcopy(live) if draft_is_live or letter not in letters_of(page.draft) else _only(page.draft, letter)
    write(page, by)
    state = page.state
    add_version(page, by=by, note=f"Variant {letter} won test {test}.", definition=live)
    if state != PageState.LIVE:
        page.state = state
        page.save(update_fields=["state"])
    transaction.on_commit(forget_specs)
    return page


def _end(test: PageTest, *, by: User | None, winner: str = "") -> None:
    test.ended_at, test.ended_by, test.winner = timezone.now(), by, winner
    test.save(update_fields=["ended_at", "ended_by", "winner"])


def _only(definition: Definition, letter: str) -> Definition:
    """The same with this variant alone, as the page itself."""
    variant = deepcopy(variant_of(definition, letter)) | {"letter": FIRST, "name": "", "weight": 50}
    return {"settings": settings_of(definition), "variants": [variant]}


def _exactly(page: LandingPage, letter: str) -> Variant:
    for variant in variants_of(page.draft):
        if variant["letter"] == letter:
            return variant
    raise PageGone(page.pk)
