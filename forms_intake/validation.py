"""What was posted, checked against the form. Pure: no database, no clock."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from contacts import normalise
from forms_intake.asking import Known, asked_of
from forms_intake.fitting import doubt_of
from forms_intake.models import FieldType
from forms_intake.patterns import matches
from forms_intake.spec.shape import FieldSpec, FormSpec
from leadcrm.lib.text import one_line

MOST_DROPPED = 50
DROPPED_CHARACTERS = 100
YES = frozenset({"1", "true", "yes", "on", "y"})
NO = frozenset({"", "0", "false", "no", "off", "n"})
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL cannot keep in text: NUL and halves of surrogate pairs."""

FILL_IN = "Please fill this in."
TICK = "Please tick this to go on."
ANSWER = "Please answer this."
CHOOSE = "Please choose at least one."
MISSING = frozenset({FILL_IN, TICK, ANSWER, CHOOSE})

MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")
DIGITS = re.compile(r"[+-]?[0-9]{1,15}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Python reads weeks and numbers of days too, which people and other programs do not."""

Posted = Mapping[str, list[str]]
"""Each key with the texts posted under it, in order."""
Value = str | bool | list[str]


@dataclass
class Checked:
    """The outcome: `values` to store by key; `errors` by key, empty when all is well; names of unknown keys."""

    values: dict[str, Value] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def check(
    spec: FormSpec, posted: Posted, *, reserved: frozenset[str] = frozenset(), known: Known | None = None
) -> Checked:
    """Check `posted` against the form's fields. Keys in `reserved` are ours and neither checked nor listed.

    What is said in a field that was not shown is dropped, and listed as unknown keys are; an address counts where the
    letter to confirm goes there: without scripts it is shown to everybody. `known` is the visitor whom a signed link
    identifies: they need not say what they are not asked, and are known by what we have.
    """
    checked = Checked()
    letter_to = spec.email_key if spec.double_opt_in else ""
    asked = {wanted.key for wanted in asked_of(spec, known)}
    by_link = {key: said for key, said in known.identity.items() if key not in asked} if known else {}
    offered, unseen = set(), []
    for wanted in spec.fields:
        if wanted.shown and not wanted.shown.holds(checked.values):
            is_said = any(text.strip() for text in posted.get(wanted.key, []))
            if not is_said or wanted.key != letter_to:
                unseen += [wanted.key] if is_said else []
                continue
        if wanted.key in asked and wanted.type != FieldType.HIDDEN:
            offered.add(wanted.key)
        spared = wanted if wanted.key in asked else replace(wanted, required=False)
        value, problem = check_field(spared, posted.get(wanted.key))
        if problem:
            checked.errors[wanted.key] = [problem]
        elif value not in ("", []):
            checked.values[wanted.key] = value
    if not checked.errors:
        checked.values |= _known_by(spec, checked.values, by_link)
        checked.errors = _nobody(spec, checked.values, offered, by_link)
    ours = {wanted.key for wanted in spec.fields} | reserved
    unknown = [key for key in posted if key not in ours]
    checked.dropped = [storable(key)[:DROPPED_CHARACTERS] for key in [*unseen, *unknown][:MOST_DROPPED]]
    return checked


def salvage(spec: FormSpec, posted: Posted, *, reserved: frozenset[str] = frozenset()) -> Checked:
    """What of `posted` can be kept, where nobody could be asked to mend the rest: that is listed as dropped."""
    checked, unfit = Checked(), []
    for wanted in spec.fields:
        value, problem = check_field(replace(wanted, required=False), posted.get(wanted.key))
        if problem:
            unfit.append(wanted.key)
        elif value not in ("", []):
            checked.values[wanted.key] = value
    ours = {wanted.key for wanted in spec.fields} | reserved
    unknown = [key for key in posted if key not in ours]
    checked.dropped = [storable(key)[:DROPPED_CHARACTERS] for key in [*unfit, *unknown][:MOST_DROPPED]]
    return checked


def _known_by(spec: FormSpec, values: Mapping[str, Value], by_link: Mapping[str, str]) -> dict[str, str]:
    """What a link says of whom a post that does not say it is from. What is typed outranks any link."""
    if not by_link or any(keys <= values.keys() for keys in spec.identifying):
        return {}
    for keys in spec.identifying:
        missing = keys - values.keys()
        if missing <= by_link.keys():
            return {key: by_link[key] for key in sorted(missing)}
    return {}


def _nobody(
    spec: FormSpec, values: Mapping[str, Value], offered: Set[str], by_link: Mapping[str, str]
) -> dict[str, list[str]]:
    """What is missing to know who somebody is, among the fields `offered` to them. What they were never asked does not
    refuse the post: they cannot mend it, and it is kept with what it lacks.
    """
    if spec.double_opt_in and spec.email_key in offered - values.keys():
        return {spec.email_key: ["Please fill this in; we send a link there to confirm."]}
    if not spec.identifying or any(keys <= values.keys() for keys in spec.identifying):
        return {}
    lacking = [keys - values.keys() - by_link.keys() for keys in spec.identifying]
    missing: Set[str] = next((keys for keys in lacking if keys <= offered), frozenset())
    return {key: ["Please fill this in; we cannot know you without it."] for key in sorted(missing)}


def last_said(texts: Sequence[str]) -> str:
    """The last text that is not blank, trimmed; "" when all are."""
    return next((said for text in reversed(texts) if (said := text.strip())), "")


def storable(text: str) -> str:
    """The text with what cannot be stored made visible instead."""
    return UNSTORABLE.sub("�", text)


def check_field(wanted: FieldSpec, texts: list[str] | None) -> tuple[Value, str]:
    """(value, "") or ("", what is wrong) for the texts posted for one field; None when the key was not posted."""
    if texts is None:
        texts = [wanted.default] if wanted.type == FieldType.HIDDEN and wanted.default else []
    texts = [text.strip() for text in texts]
    if any(UNSTORABLE.search(text) for text in texts):
        return "", "This holds a character that cannot be kept."
    if wanted.type != FieldType.LONG_TEXT:
        texts = [one_line(text) for text in texts]
    value, problem = _as_its_type(wanted, texts)
    if not problem and value not in ("", []):
        problem = _off_pattern(wanted, value) or doubt_of(wanted, value)
    elif problem in MISSING and wanted.message:
        problem = wanted.message
    return ("", problem) if problem else (value, "")


def _off_pattern(wanted: FieldSpec, value: Value) -> str:
    """What a visitor reads when a value does not match the pattern; nobody could mend what is hidden."""
    if not wanted.pattern or wanted.type == FieldType.HIDDEN or not isinstance(value, str):
        return ""
    return "" if matches(wanted.pattern, value) else wanted.pattern_message or "This is not written as it is asked for."


def _as_its_type(wanted: FieldSpec, texts: list[str]) -> tuple[Value, str]:
    if wanted.type in (FieldType.CONSENT, FieldType.YES_NO):
        return _yes_or_no(wanted, texts)
    if wanted.type == FieldType.MULTI_CHOICE:
        return _several(wanted, [text for text in texts if text])
    # A form that repeats a key means the last one, as browsers and frameworks do. What nobody saw nobody emptied.
    text = last_said(texts) if wanted.type == FieldType.HIDDEN else texts[-1] if texts else ""
    if not text:
        return "", FILL_IN if wanted.required else ""
    if len(text) > wanted.longest:
        return "", f"At most {wanted.longest} characters; these are {len(text)}."
    return text, _problem(wanted, text)


def _yes_or_no(wanted: FieldSpec, texts: list[str]) -> tuple[Value, str]:
    # A hidden "no" before a ticked "yes" is how forms say that a box was there.
    said = (texts[-1] if texts else "").lower()
    if said in YES:
        return True, ""
    if said not in NO:
        return "", "Please answer yes or no."
    if wanted.required and wanted.type == FieldType.CONSENT:
        return "", TICK
    if wanted.required and (not texts or (wanted.display and not said)):
        return "", ANSWER
    if wanted.display and not said:
        return "", ""
    return (False, "") if texts else ("", "")


def _several(wanted: FieldSpec, texts: list[str]) -> tuple[Value, str]:
    if wanted.required and not texts:
        return "", CHOOSE
    if any(text not in wanted.choices for text in texts):
        return "", "Please choose from the list."
    return list(dict.fromkeys(texts)), ""


def _problem(wanted: FieldSpec, text: str) -> str:
    if wanted.type == FieldType.EMAIL:
        return "" if normalise.email(text) else "This is not an e-mail address."
    if wanted.type == FieldType.PHONE:
        return "" if sum(mark.isdigit() for mark in text) >= 3 else "This is not a phone number."
    if wanted.type == FieldType.CHOICE:
        return "" if text in wanted.choices else "Please choose from the list."
    is_one, problem = WRITTEN.get(wanted.type, (None, ""))
    return problem if is_one and not is_one(text) else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(DAY.fullmatch(text))


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return bool(MINUTE.fullmatch(text))


def _is_web_address(text: str) -> bool:
    """Whether it is one that a browser could open, whether or not its scheme was typed."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and not re.search(r"[\s<>\"]", text)


WRITTEN: Mapping[str, tuple[Callable[[str], bool], str]] = {
    FieldType.NUMBER: (_is_number, "This is not a number."),
    FieldType.WHOLE: (lambda text: bool(DIGITS.fullmatch(text)), "Please give a whole number, such as 120."),
    FieldType.DATE: (_is_date, "This is not a date; write it as 2026-03-31."),
    FieldType.DATE_TIME: (_is_moment, "This is not a date and time; write it as 2026-03-31 14:30."),
    FieldType.URL: (_is_web_address, "This is not a web address such as https://example.com."),
}
"""How types that are text are written, and what is said of what is not."""


def typed(posted: Posted, spec: FormSpec) -> dict[str, Any]:
    """What was typed, by key, to be shown again: text, or a list for several choices."""
    return {
        wanted.key: (
            [storable(text) for text in texts]
            if wanted.type == FieldType.MULTI_CHOICE
            else storable(last_said(texts) if wanted.type == FieldType.HIDDEN else texts[-1] if texts else "")
        )
        for wanted in spec.fields
        if (texts := posted.get(wanted.key)) is not None
    }
