"""How two definitions of a form differ, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contacts.models import ConsentLevel
from forms_intake.building.definition import FIELD, NOTIFY, SETTINGS, SETTINGS_SINCE, SINCE, Definition
from forms_intake.models import FormField, IntakeForm
from forms_intake.showing import WORDS, Op, shown_of
from leadcrm.lib.languages import LANGUAGES

MOST = 200


@dataclass(frozen=True)
class Difference:
    """What differs: `kind` is added, removed, moved or changed; `before` and `after` in words."""

    what: str
    kind: str
    before: str = ""
    after: str = ""


def differences(before: Definition, after: Definition) -> list[Difference]:
    """From one definition to another: settings first, then fields in the order of `after`, removed ones last."""
    found = []
    for name in (*SETTINGS, *SETTINGS_SINCE, NOTIFY):
        nothing = SETTINGS_SINCE.get(name)
        was, now = before["settings"].get(name, nothing), after["settings"].get(name, nothing)
        if was != now:
            found.append(Difference(_label(IntakeForm, name), "changed", _setting(name, was), _setting(name, now)))
    old = {field["key"]: field for field in before["fields"]}
    new = {field["key"]: field for field in after["fields"]}
    for key, field in new.items():
        if key not in old:
            found.append(Difference(field["label"], "added", after=_type(field)))
            continue
        for name in (*FIELD, *SINCE):
            was, now = old[key].get(name, SINCE.get(name)), field.get(name, SINCE.get(name))
            if was != now:
                what = f"{field['label']}: {_label(FormField, name)}"
                found.append(Difference(what, "changed", _said(name, was), _said(name, now)))
    found += [
        Difference(field["label"], "removed", before=_type(field)) for key, field in old.items() if key not in new
    ]
    stayed_before, stayed_after = [key for key in old if key in new], [key for key in new if key in old]
    if stayed_before != stayed_after:
        words = [" · ".join(new[key]["label"] for key in keys) for keys in (stayed_before, stayed_after)]
        found.append(Difference("Order of the fields", "moved", words[0][:MOST], words[1][:MOST]))
    return found


def _label(model: type[IntakeForm] | type[FormField], name: str) -> str:
    field: Any = model._meta.get_field(name.removesuffix("_id"))
    words = field.verbose_name
    return str(words)[:1].upper() + str(words)[1:]


def _setting(name: str, value: Any) -> str:
    if name == "language":
        return LANGUAGES.get(value, str(value))
    field: Any = IntakeForm._meta.get_field(name.removesuffix("_id"))
    if field.related_model and value:
        rows = field.related_model.objects.filter(pk__in=value if isinstance(value, list) else [value])
        return ", ".join(str(row) for row in rows) or "somebody or something that is gone"
    return _words(dict(field.choices or ()), value)


def _said(name: str, value: Any) -> str:
    if name == "show_when":
        shown = shown_of(value)
        if shown is None:
            return "always shown"
        values = f" {' or '.join(shown.values)}" if shown.op in (Op.IS, Op.IS_NOT) else ""
        return f"shown when {shown.key} {WORDS[shown.op]}{values}"
    if name == "consent_level":
        return str(ConsentLevel(value).label) if value is not None else "nothing"
    field: Any = FormField._meta.get_field(name)
    return _words(dict(getattr(field, "choices", None) or ()), value)


def _words(choices: dict[Any, Any], value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))[:MOST] or "nothing"
    return str(choices.get(value, value if value is not None else ""))[:MOST] or "nothing"


def _type(field: dict[str, Any]) -> str:
    types = dict(FormField._meta.get_field("type").choices or ())
    return str(types.get(field["type"], field["type"]))
