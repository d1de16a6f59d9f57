"""What a page says, as data.

    {"settings": {"title", "description", "social_title", "social_description", "social_image", "canonical", "noindex",
                  "stopped_message", "language", "dark", "word_…"},
     "variants": [{"letter": "A", "name", "weight", "theme", "blocks": [{"id", "kind", ...}]}]}

The first variant is the page itself; others are what a test compares it with. A block has the fields of its kind
(landing/blocks.py); images and forms in it are ids. `dark`: whether it is dark on devices
that are. `word_…` are words of ours put otherwise (landing/languages.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from forms_intake.landing.blocks import KINDS
from forms_intake.landing.languages import NAMES
from forms_intake.landing.themes import THEMES
from leadcrm.lib.languages import ENGLISH

Definition = dict[str, Any]
Block = dict[str, Any]
Variant = dict[str, Any]
FIRST = "A"
LETTERS = "ABCDE"
IMAGES = ("image", "image_1", "image_2", "image_3", "image_4")
SETTINGS: dict[str, Any] = {
    "title": "",
    "description": "",
    "social_title": "",
    "social_description": "",
    "social_image": None,
    "canonical": "",
    "noindex": False,
    "stopped_message": "",
    "language": ENGLISH,
    "dark": False,
    **{f"word_{name}": "" for name in NAMES},
}


def new_definition(title: str, blocks: list[Block], theme: str = "") -> Definition:
    """A page of one variant; the blocks get ids."""
    return {"settings": SETTINGS | {"title": title}, "variants": [new_variant(FIRST, blocks, theme)]}


def new_variant(letter: str, blocks: list[Block], theme: str = "", name: str = "", weight: int = 50) -> Variant:
    return {
        "letter": letter,
        "name": name,
        "weight": weight,
        "theme": theme if theme in THEMES else next(iter(THEMES)),
        "blocks": [with_new_id(block) for block in blocks],
    }


def with_new_id(block: Block) -> Block:
    """The block, with all the fields of its kind and an id of its own."""
    made: Block = KINDS[block["kind"]].begins | deepcopy(block) | {"id": secrets.token_hex(4)}
    return made


def settings_of(definition: Definition) -> dict[str, Any]:
    """The settings, with what a later release added as its default says."""
    said: dict[str, Any] = definition.get("settings", {})
    return SETTINGS | said


def variants_of(definition: Definition) -> list[Variant]:
    found: list[Variant] = definition.get("variants", [])
    return found


def variant_of(definition: Definition, letter: str) -> Variant:
    """The variant of this letter, else the first."""
    variants = variants_of(definition)
    return next((one for one in variants if one["letter"] == letter), variants[0])


def blocks_of(definition: Definition) -> Iterator[Block]:
    """All blocks of all variants."""
    return (block for variant in variants_of(definition) for block in variant["blocks"])


def forms_of(definition: Definition) -> set[int]:
    """The ids of the forms it shows."""
    return {block["form"] for block in blocks_of(definition) if block["kind"] == "form" and block.get("form")}


def form_of(variant: Variant) -> int | None:
    """The id of the form a variant shows."""
    return next((block["form"] for block in variant["blocks"] if block["kind"] == "form" and block.get("form")), None)


def images_of(definition: Definition) -> set[int]:
    """The ids of the images it shows, to visitors or when it is shared."""
    found = {block[name] for block in blocks_of(definition) for name in IMAGES if block.get(name)}
    shared = settings_of(definition)["social_image"]
    return found | {shared} if shared else found
