"""A posted value as the attribute it fills takes it. The door asks before it accepts, processing once more."""

from __future__ import annotations

from typing import Any

from contacts import normalise
from contacts.custom_fields import InvalidCustomValue, clean_value
from contacts.models import ContactRole
from forms_intake.models import FieldType
from forms_intake.spec.shape import FieldSpec
from forms_intake.targets import PRODUCT

WHOLE_DIGITS = 9


class DoesNotFit(ValueError):
    """A value cannot be kept where its field should put it; the message says what could."""


def keeps(wanted: FieldSpec) -> bool:
    """Whether the field fills something. What fills an archived custom field stays on the submission."""
    return wanted.target is not None and not (wanted.custom and wanted.custom.archived)


def doubt_of(wanted: FieldSpec, value: Any) -> str:
    """What a visitor can do about a value that its target cannot take; "" when it fits, and when it is not theirs to
    mend: a hidden field, or a custom field that does not exist.
    """
    if not (wanted.custom or (wanted.target and wanted.target.is_strict)):
        return ""
    if wanted.type == FieldType.HIDDEN or not keeps(wanted):
        return ""
    try:
        fitted(wanted, value)
    except DoesNotFit as problem:
        return str(problem)
    return ""


def fitted(wanted: FieldSpec, value: Any) -> Any:
    """The value as stored. Raises DoesNotFit."""
    target = wanted.target
    assert target is not None
    if wanted.custom is not None:
        try:
            return clean_value(wanted.custom, value)
        except InvalidCustomValue as problem:
            raise DoesNotFit(f"{str(problem)[:1].upper()}{str(problem)[1:]}") from problem
    if target.custom:
        raise DoesNotFit(f"It fills the custom field {target.name}, which does not exist.")
    text = as_text(value)
    if target == PRODUCT:
        if text.casefold() not in wanted.products:
            raise DoesNotFit(f"There is no product called {text} that is sold.")
        return wanted.products[text.casefold()]
    if target.is_strict:
        return STRICT[target.record, target.name](text)
    if len(text) > target.longest:
        raise DoesNotFit(f"At most {target.longest} characters can be kept.")
    return text


def as_text(value: Any) -> str:
    """A tick as a word, several choices with commas."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > WHOLE_DIGITS:
        raise DoesNotFit("Please give a whole number, such as 120.")
    return int(text)


def _domain(text: str) -> str:
    domain = normalise.domain(text)
    if not domain:
        raise DoesNotFit("This is not a web domain such as example.com.")
    return domain


def _role(text: str) -> str:
    for role in ContactRole:
        if text.casefold() in (role.value, role.label.casefold()):
            return role.value
    raise DoesNotFit(f"Please give one of {', '.join(ContactRole.labels)}.")


def _email(text: str) -> str:
    """In its one form, as whoever types one here gives it: what is stored is found again, to be erased too."""
    address = normalise.email(text)
    if not address:
        raise DoesNotFit("This is not an e-mail address.")
    return address


STRICT = {
    ("account", "employees"): _whole,
    ("account", "domain"): _domain,
    ("contact", "role"): _role,
    ("contact", "email"): _email,
}
"""What takes more care than a number of characters; with the product, as Target.is_strict says."""
