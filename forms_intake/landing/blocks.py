"""The kinds of blocks that pages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COLUMNS = (1, 2, 3, 4)
LINKS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Kind:
    """`begins` is what a new block says, and which fields it has."""

    name: str
    label: str
    icon: str
    words: str
    begins: dict[str, Any]

    @property
    def template(self) -> str:
        return f"forms_intake/landing/blocks/{self.name}.html"


def _numbered(numbers: tuple[int, ...], **fields: Any) -> dict[str, Any]:
    return {f"{name}_{number}": value for number in numbers for name, value in fields.items()}


KINDS = {
    one.name: one
    for one in (
        Kind(
            "hero",
            "Hero",
            "panel-top",
            "The opening: what it is about, and what to do.",
            {
                "eyebrow": "",
                "heading": "",
                "text": "",
                "button": "",
                "link": "",
                "image": None,
                "alt": "",
                "layout": "left",
            },
        ),
        Kind(
            "text",
            "Text",
            "text-align-start",
            "Paragraphs, lists and links.",
            {"heading": "", "text": "", "ground": "plain"},
        ),
        Kind(
            "image",
            "Image",
            "image",
            "A picture with a line below it.",
            {"image": None, "alt": "", "caption": "", "width": "normal", "ground": "plain"},
        ),
        Kind(
            "columns",
            "Columns",
            "columns-3",
            "Two to four reasons, steps or figures side by side.",
            {"heading": "", "ground": "tint"} | _numbered(COLUMNS, title="", body="", image=None, alt=""),
        ),
        Kind(
            "form",
            "Form",
            "text-cursor-input",
            "One of your forms.",
            {"form": None, "heading": "", "text": "", "button": "", "beside": False},
        ),
        Kind(
            "testimonial",
            "Testimonial",
            "quote",
            "What a customer says.",
            {"quote": "", "name": "", "role": "", "image": None, "alt": "", "ground": "plain"},
        ),
        Kind(
            "footer",
            "Footer",
            "panel-bottom",
            "Who you are, and links such as imprint and privacy.",
            {"text": ""} | _numbered(LINKS, label="", link=""),
        ),
    )
}


def summary(block: dict[str, Any]) -> str:
    """The first words of a block, for lists."""
    for name in ("heading", "quote", "title_1", "caption", "alt", "text", "label_1"):
        if said := " ".join(str(block.get(name) or "").split()):
            return said[:120]
    return ""
