"""How two definitions of a page differ, in words."""

from __future__ import annotations

from typing import Any

from forms_intake.building.changes import MOST, Difference
from forms_intake.landing.blocks import KINDS, summary
from forms_intake.landing.definition import Definition, settings_of, variants_of
from forms_intake.landing.languages import LABELS
from forms_intake.landing.themes import THEMES
from forms_intake.models import IntakeForm, PageImage
from leadcrm.lib.languages import LANGUAGES

WORDS = {"noindex": "Kept out of search results", "canonical": "Canonical address", "stopped_message": "Once stopped"}
WORDS |= {"dark": "Dark where the visitor's device is"}
WORDS |= {f"word_{name}": f"Words: {label.lower()}" for name, label in LABELS.items()}


def differences(before: Definition, after: Definition) -> list[Difference]:
    """From one definition to another: settings first, then variants, block by block in the order of `after`."""
    was, now = settings_of(before), settings_of(after)
    found = [
        Difference(WORDS.get(name) or _capital(name), "changed", _said(name, was[name]), _said(name, now[name]))
        for name in now
        if was.get(name) != now[name]
    ]
    old = {one["letter"]: one for one in variants_of(before)}
    new = {one["letter"]: one for one in variants_of(after)}
    several = len(old) > 1 or len(new) > 1
    for letter, variant in new.items():
        begin = f"Variant {letter}: " if several else ""
        if letter not in old:
            found.append(Difference(f"Variant {letter}", "added", after=variant["name"]))
        else:
            found += _in_variant(old[letter], variant, begin)
    found += [
        Difference(f"Variant {letter}", "removed", before=variant["name"])
        for letter, variant in old.items()
        if letter not in new
    ]
    return found


def _in_variant(before: dict[str, Any], after: dict[str, Any], begin: str) -> list[Difference]:
    found = []
    if before["theme"] != after["theme"]:
        words = [THEMES[one["theme"]].label if one["theme"] in THEMES else one["theme"] for one in (before, after)]
        found.append(Difference(f"{begin}Theme", "changed", *words))
    for name in ("name", "weight"):
        if before[name] != after[name]:
            found.append(Difference(f"{begin}{name.capitalize()}", "changed", str(before[name]), str(after[name])))
    old = {block["id"]: block for block in before["blocks"]}
    new = {block["id"]: block for block in after["blocks"]}
    for key, block in new.items():
        label = KINDS[block["kind"]].label
        if key not in old:
            found.append(Difference(f"{begin}{label}", "added", after=summary(block)))
            continue
        for name in KINDS[block["kind"]].begins:
            was, now = old[key].get(name), block.get(name)
            if was != now:
                what = f"{begin}{label}: {_capital(name).lower()}"
                found.append(Difference(what, "changed", _said(name, was), _said(name, now)))
    found += [
        Difference(f"{begin}{KINDS[block['kind']].label}", "removed", before=summary(block))
        for key, block in old.items()
        if key not in new
    ]
    stayed_before, stayed_after = [key for key in old if key in new], [key for key in new if key in old]
    if stayed_before != stayed_after:
        words = [" · ".join(KINDS[new[key]["kind"]].label for key in keys) for keys in (stayed_before, stayed_after)]
        found.append(Difference(f"{begin}Order of the blocks", "moved", *words))
    return found


def _capital(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value and (name.startswith("image") or name == "social_image"):
        return PageImage.objects.filter(pk=value).values_list("name", flat=True).first() or "an image that is gone"
    if value and name == "form":
        return IntakeForm.objects.filter(pk=value).values_list("name", flat=True).first() or "a form that is gone"
    if name == "language":
        return LANGUAGES.get(value, str(value))
    return str(value if value is not None else "")[:MOST] or "nothing"
