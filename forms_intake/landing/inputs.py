"""The fields that forms about landing pages are made of: words, marked words, links, images that come along."""

from __future__ import annotations

from typing import Any

from django import forms

from forms_intake.landing.images import TAKEN
from forms_intake.landing.markup import LONGEST_LINK, safe_link

MARKS = "**strong**, *emphasis*, [words](https://…), lists with - or 1. An empty line begins a new paragraph."
MOST_TEXT = 8_000
MOST_LISTED = 300


class LinkField(forms.CharField):
    """A link that may stand in a page."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=LONGEST_LINK, **more)

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        if said and not safe_link(said):
            raise forms.ValidationError("Only links with https, http, mailto or tel, or #form, are taken.")
        return safe_link(said)


def words_field(
    label: str, most: int, help: str = "", *, required: bool = False, placeholder: str = ""
) -> forms.CharField:
    """A line of plain words."""
    field = forms.CharField(label=label, max_length=most, required=required, help_text=help)
    field.widget.attrs |= {"placeholder": placeholder} if placeholder else {}
    return field


def marked_field(label: str, help: str = MARKS) -> forms.CharField:
    """Paragraphs that may be marked up."""
    return forms.CharField(
        label=label, max_length=MOST_TEXT, required=False, help_text=help, widget=forms.Textarea(attrs={"rows": 6})
    )


def choice_field(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """One of a few."""
    return forms.ChoiceField(label=label, choices=choices)


def upload_field() -> forms.FileField:
    """An image that comes along, instead of one that is there."""
    return forms.FileField(
        label="Or a new one",
        required=False,
        help_text=f"{TAKEN}, at most 8 MB.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
