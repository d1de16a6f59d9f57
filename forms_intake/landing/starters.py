"""What a new page begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms_intake.landing.definition import Definition, new_definition

FOOTER: dict[str, Any] = {"kind": "footer", "text": ""}


@dataclass(frozen=True)
class Starter:
    key: str
    label: str
    words: str
    theme: str
    blocks: tuple[dict[str, Any], ...]


STARTERS = (
    Starter(
        "offer",
        "An offer with a form",
        "A heading, three reasons, and the form beside the opening.",
        "clear",
        (
            {"kind": "hero", "text": "Say in two sentences what visitors get, and what it changes for them."},
            {"kind": "form", "beside": True},
            {
                "kind": "columns",
                "heading": "What you get",
                "title_1": "First reason",
                "body_1": "What it is good for, in their words.",
                "title_2": "Second reason",
                "body_2": "A number is better than an adjective.",
                "title_3": "Third reason",
                "body_3": "What happens after they have sent the form.",
            },
        ),
    ),
    Starter(
        "guide",
        "A guide or study",
        "What is in it, who it is for, and a form to ask for it.",
        "paper",
        (
            {"kind": "hero", "eyebrow": "Guide", "text": "What readers know afterwards that they do not know now."},
            {"kind": "form", "beside": True},
            {"kind": "text", "heading": "What is in it", "text": "- First chapter\n- Second chapter\n- Third chapter"},
        ),
    ),
    Starter(
        "launch",
        "A launch",
        "A large opening with a button, steps, and the form below.",
        "signal",
        (
            {"kind": "hero", "button": "I want to see it", "text": "One sentence that says why it matters today."},
            {
                "kind": "columns",
                "heading": "How it works",
                "title_1": "1",
                "body_1": "The first step.",
                "title_2": "2",
                "body_2": "The second step.",
                "title_3": "3",
                "body_3": "The third step.",
            },
            {"kind": "form", "heading": "Be the first"},
        ),
    ),
    Starter("empty", "Nothing", "A heading, and what you add.", "meadow", ({"kind": "hero"},)),
)
BY_KEY = {one.key: one for one in STARTERS}
SAMPLES = frozenset(
    words
    for starter in STARTERS
    for block in starter.blocks
    for name, words in block.items()
    if name == "text" or name.startswith("body_") or str(words).endswith(" reason")
)
"""Words for whoever writes the page, which no visitor should read."""


def begin(key: str, *, name: str, form_id: int | None) -> Definition:
    """A page of a starter's blocks, with its form; without one it has no form block yet."""
    starter = BY_KEY[key]
    blocks = [dict(block) for block in starter.blocks]
    if form_id is None:
        blocks = [block for block in blocks if block["kind"] != "form"]
    elif not any(block["kind"] == "form" for block in blocks):
        blocks.append({"kind": "form"})
    for block in blocks:
        if block["kind"] == "hero":
            block["heading"] = name
            if form_id is None:
                block["button"] = ""
        if block["kind"] == "form":
            block["form"] = form_id
    return new_definition(name, [*blocks, dict(FOOTER)], starter.theme)
