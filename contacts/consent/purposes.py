"""Purposes and the versions of their wording, for those who keep them and for those who show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string

from contacts.errors import InvalidValues, RecordGone
from contacts.models import Purpose, PurposeWording, User
from leadcrm.lib.languages import ENGLISH, LANGUAGES

MOST_CHARACTERS = 1000


@dataclass(frozen=True)
class Use:
    """Where people are asked for a purpose: a form, by name, and its page."""

    label: str
    url: str


def uses_of(purposes: Sequence[int]) -> dict[int, list[Use]]:
    """Where each purpose is asked for. The roof names who knows in ASKS_FOR_PURPOSES."""
    found: dict[int, list[Use]] = {pk: [] for pk in purposes}
    for name in settings.ASKS_FOR_PURPOSES:
        for pk, uses in import_string(name)(purposes).items():
            found[pk] += uses
    return found


def add_wording(
    *,
    purpose_id: int,
    text: str,
    by: User | None,
    number: int | None = None,
    language: str = "",
    others: Mapping[str, str] | None = None,
) -> PurposeWording:
    """A new version of a purpose's wording, in force from now on: its first words, in `language`, and `others` by the
    codes of theirs. It is whole: what is not said in a language any more begins again with the first words there.

    `number`: the latest version the person had seen, when they were not the only one to write: who comes second is
    told. The same words again are no new version. Raises RecordGone, InvalidValues.
    """
    text = _sentence("text", text)
    further = {code: _sentence(code, words) for code, words in sorted((others or {}).items()) if words.strip()}
    if strange := {*further, language or ENGLISH} - LANGUAGES.keys():
        raise InvalidValues({"text": f"No language is called {', '.join(sorted(strange))}."})
    if language in further:
        raise InvalidValues({language: f"The first words are in {LANGUAGES[language]} already."})
    with transaction.atomic():
        purpose = Purpose.objects.filter(pk=purpose_id).select_for_update(no_key=True).first()
        if purpose is None:
            raise RecordGone("purpose", purpose_id)
        latest = purpose.wordings.order_by("-number").select_related("created_by").first()
        if number is not None and latest is not None and latest.number != number:
            who = str(latest.created_by or "Somebody")
            raise InvalidValues({"text": f"{who} made version {latest.number} meanwhile: “{latest.text}”"})
        if latest is not None and (latest.text, latest.language, latest.others) == (text, language, further):
            return latest
        made: PurposeWording = PurposeWording.objects.create(
            purpose=purpose,
            number=latest.number + 1 if latest else 1,
            text=text,
            language=language,
            others=further,
            created_by=by,
        )
    return made


def _sentence(name: str, words: str) -> str:
    words = " ".join(words.replace("\x00", "").split())
    if not words or len(words) > MOST_CHARACTERS:
        raise InvalidValues({name: f"Give the sentence people agree to, in at most {MOST_CHARACTERS} characters."})
    return words


def languages_of_visitors() -> list[str]:
    """The languages in which somebody speaks to visitors, by their codes. The roof names who in SPEAK_TO_VISITORS."""
    found: set[str] = set()
    for name in settings.SPEAK_TO_VISITORS:
        found |= import_string(name)()
    return [code for code in LANGUAGES if code in found]


def retire(purpose_id: int, *, retired: bool) -> Purpose:
    """Ask for a purpose nowhere any more, or again. Raises RecordGone."""
    purpose = Purpose.objects.filter(pk=purpose_id).first()
    if purpose is None:
        raise RecordGone("purpose", purpose_id)
    purpose.retired_at = timezone.now() if retired else None
    purpose.save(update_fields=["retired_at"])
    return purpose


def latest_wordings(purpose_ids: Iterable[int]) -> dict[int, PurposeWording]:
    """The wording in force of each purpose that has one. One query."""
    rows = PurposeWording.objects.filter(purpose__in=list(purpose_ids)).order_by("purpose_id", "-number")
    return {one.purpose_id: one for one in rows.distinct("purpose_id")}


def wordings_by_purpose(purpose_ids: Iterable[int]) -> dict[int, list[PurposeWording]]:
    """All versions of each purpose, the latest first. One query."""
    found: dict[int, list[PurposeWording]] = {}
    for one in PurposeWording.objects.filter(purpose__in=list(purpose_ids)).order_by("-number"):
        found.setdefault(one.purpose_id, []).append(one)
    return found


def in_force_at(
    wordings: Mapping[int, Sequence[PurposeWording]], purpose_id: int, at: datetime
) -> PurposeWording | None:
    """The version that was shown at a moment: the latest made by then, or the first there was. Pure."""
    versions = wordings.get(purpose_id, ())
    return next((one for one in versions if one.created_at <= at), versions[-1] if versions else None)


def offered() -> list[tuple[Purpose, PurposeWording]]:
    """What people may be asked to agree to now: purposes that have words and are not retired, by name. Two queries."""
    purposes = list(Purpose.objects.filter(retired_at=None))
    words = latest_wordings([one.pk for one in purposes])
    return [(one, words[one.pk]) for one in purposes if one.pk in words]


def highest_numbers() -> dict[int, int]:
    """How many versions each purpose has."""
    counted = PurposeWording.objects.values("purpose").annotate(highest=Max("number")).values_list("purpose", "highest")
    return dict(counted.order_by())
