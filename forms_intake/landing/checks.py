"""What could be wrong with a draft of a page: what keeps it from going live, and what works, only not as meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms_intake.landing.blocks import COLUMNS, KINDS, LINKS
from forms_intake.landing.definition import FIRST, Block, Variant, images_of, settings_of, variants_of
from forms_intake.landing.starters import SAMPLES
from forms_intake.models import FormState, IntakeForm, LandingPage, PageImage

IN_SETTINGS = "settings"
TITLE_CHARACTERS, DESCRIPTION_CHARACTERS = 65, 170


@dataclass(frozen=True)
class Finding:
    """One sentence for its editor. `stops`: it keeps the page from going live. `block` (with `letter`, of its variant)
    is whose it is, else `place` says where it is mended.
    """

    words: str
    stops: bool = False
    letter: str = FIRST
    block: str = ""
    name: str = ""
    place: str = "blocks"


@dataclass(frozen=True)
class Known:
    """What blocks name by id, as it is now."""

    forms: dict[int, IntakeForm]
    images: frozenset[int]


def findings_of(page: LandingPage) -> list[Finding]:
    """Everything to say about a draft, what stops it first. Two queries."""
    images = PageImage.objects.filter(pk__in=images_of(page.draft)).values_list("pk", flat=True)
    blocks = [block for variant in variants_of(page.draft) for block in variant["blocks"]]
    forms = IntakeForm.objects.in_bulk({block["form"] for block in blocks if block.get("form")})
    known = Known(forms, frozenset(images))
    found = list(_about_settings(settings_of(page.draft)))
    several = len(variants_of(page.draft)) > 1
    for variant in variants_of(page.draft):
        found += _about_variant(variant, known, f"Variant {variant['letter']}: " if several else "")
    return sorted(found, key=lambda one: not one.stops)


def _about_settings(settings: dict[str, Any]) -> Iterator[Finding]:
    title, description = settings["title"].strip(), settings["description"].strip()
    if not title:
        yield Finding("It has no title for search results and the tab of the browser.", stops=True, place=IN_SETTINGS)
    elif len(title) > TITLE_CHARACTERS:
        yield Finding(f"Its title has {len(title)} characters: search results cut it.", place=IN_SETTINGS)
    if not description and not settings["noindex"]:
        yield Finding("It has no description: search engines choose words themselves.", place=IN_SETTINGS)
    elif len(description) > DESCRIPTION_CHARACTERS:
        yield Finding(f"Its description has {len(description)} characters: search results cut it.", place=IN_SETTINGS)


def _about_variant(variant: Variant, known: Known, begin: str) -> list[Finding]:
    blocks, letter = variant["blocks"], variant["letter"]
    if not blocks:
        return [Finding(f"{begin}It has no block yet.", stops=True, letter=letter)]
    found = [one for block in blocks for one in _about_block(block, letter, known, begin)]
    kinds = [block["kind"] for block in blocks]
    if "hero" not in kinds:
        words = "It has no hero: the title stands above it as its heading."
        found.append(Finding(f"{begin}{words}", letter=letter))
    if "form" not in kinds:
        found.append(Finding(f"{begin}It has no form: nobody can leave their details.", letter=letter))
        if any(block["kind"] == "hero" and block["button"] and not block["link"] for block in blocks):
            words = "The hero's button leads to the form, and there is none."
            found.append(Finding(f"{begin}{words}", stops=True, letter=letter))
    if kinds.count("form") > 1:
        found.append(Finding(f"{begin}It has more than one form, and a page shows one.", stops=True, letter=letter))
    if "footer" not in kinds:
        words = "It has no footer: in many countries a page must say who is behind it, and lead to what is kept."
        found.append(Finding(f"{begin}{words}", letter=letter))
    return found


def _about_block(block: Block, letter: str, known: Known, begin: str) -> Iterator[Finding]:
    kind = KINDS[block["kind"]]
    name = kind.label

    def at(words: str, *, stops: bool = False) -> Finding:
        return Finding(f"{begin}{words}", stops, letter, block["id"], name)

    for suffix in ("", *(f"_{number}" for number in COLUMNS)):
        if image := block.get(f"image{suffix}"):
            if image not in known.images:
                yield at(f"{name}: its image is gone.", stops=True)
            elif not block[f"alt{suffix}"].strip():
                yield at(f"{name}: it does not say what its image shows, for who does not see it.", stops=True)
    if _is_empty(block):
        yield at(f"{name}: it is empty, so nothing is seen of it.")
    if sample := next((words for words in block.values() if isinstance(words, str) and words in SAMPLES), ""):
        yield at(f"{name}: “{sample}” is a hint of ours for who writes the page, and visitors read it.")
    if block["kind"] == "form" and block["form"]:
        form = known.forms.get(block["form"])
        if form is None:
            yield at("Form: it is gone; choose another.", stops=True)
        elif form.state != FormState.LIVE:
            words = f"Form: “{form}” is {'closed' if form.state == FormState.CLOSED else 'a draft'}: it takes no posts."
            yield at(words, stops=True)
    elif block["kind"] == "form":
        yield at("Form: choose one.", stops=True)
    if block["kind"] == "footer":
        for number in LINKS:
            if bool(block[f"label_{number}"]) != bool(block[f"link_{number}"]):
                yield at(f"Footer: link {number} needs both words and where it leads; it is left out.")
    if block["kind"] == "hero" and block["link"] and not block["button"]:
        yield at("Hero: its button has no words, so there is none.")


def _is_empty(block: Block) -> bool:
    """Whether nothing would be drawn of it."""
    kind = block["kind"]
    if kind in ("hero", "form"):
        return False
    choices = {"id", "kind", "ground", "width", "layout", "beside"}
    return not any(value for name, value in block.items() if name not in choices)
