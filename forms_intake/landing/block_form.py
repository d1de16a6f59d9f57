"""Editing one block of a page, of whichever kind."""

from __future__ import annotations

from typing import Any

from django import forms

from forms_intake.landing.blocks import COLUMNS, KINDS, LINKS
from forms_intake.landing.draft_form import DraftForm
from forms_intake.landing.inputs import MOST_LISTED, LinkField, choice_field, marked_field, upload_field, words_field
from forms_intake.models import FedBy, FormState, IntakeForm, PageImage

LINK = "https://…, mailto:…, tel:…, or #form for the form of this page."
GROUNDS = [("plain", "Plain"), ("tint", "Tinted")]
UPLOAD = "_file"


class BlockForm(DraftForm):
    """One block of the kind that is asked for. Images are chosen from those there are, or uploaded along."""

    def __init__(self, data: Any = None, files: Any = None, *, kind: str, block: dict[str, Any] | None = None) -> None:
        begins = KINDS[kind].begins
        stored = begins | {name: value for name, value in (block or {}).items() if name in begins}
        super().__init__(data, files, initial=stored)
        self.kind = KINDS[kind]
        self.fields |= getattr(self, f"_fields_of_{kind}")()
        self.order_fields([name for name in self.fields if name != "seen"])
        self.remember()

    @property
    def uploads(self) -> dict[str, Any]:
        """Pictures that came along, by the name of the field they are for."""
        names = [name for name in self.fields if name.endswith(UPLOAD)]
        return {name.removesuffix(UPLOAD): self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    @property
    def values(self) -> dict[str, Any]:
        """What the block says."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.kind.begins}

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields, several of a kind under headings of their own."""
        found: dict[str, list[forms.BoundField]] = {}
        word = {"columns": "Column", "footer": "Link"}.get(self.kind.name, "")
        for name in self.fields:
            number = name.removesuffix(UPLOAD).rpartition("_")[2]
            heading = f"{word} {number}" if word and number.isdecimal() else ""
            if name != "seen":
                found.setdefault(heading, []).append(self[name])
        return list(found.items())

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        for name in [name for name in self.fields if name.endswith(UPLOAD)]:
            alt = name.removesuffix(UPLOAD).replace("image", "alt")
            if found.get(name) and not found.get(alt):
                self.add_error(alt, "Say what the image shows: not everybody sees it.")
            elif (chosen := found.get(name.removesuffix(UPLOAD))) and not found.get(alt):
                found[alt] = PageImage.objects.filter(pk=chosen).values_list("alt", flat=True).first() or ""
        return found

    def _image(self, suffix: str = "", alt: str = "") -> dict[str, forms.Field]:
        images = PageImage.objects.order_by("-pk").values_list("pk", "name", "width", "height")[:MOST_LISTED]
        choices = [("", "None")] + [(pk, f"{name} ({width} × {height})") for pk, name, width, height in images]
        chosen = self.initial.get(f"image{suffix}")
        if chosen and chosen not in [pk for pk, _ in choices]:
            choices += list(PageImage.objects.filter(pk=chosen).values_list("pk", "name"))
        return {
            f"image{suffix}": forms.TypedChoiceField(
                label="Image", choices=choices, required=False, coerce=int, empty_value=None
            ),
            f"image{suffix}{UPLOAD}": upload_field(),
            f"alt{suffix}": words_field(
                "What the image shows", 300, alt or "For people who do not see it. Required with an image."
            ),
        }

    def _fields_of_hero(self) -> dict[str, forms.Field]:
        return {
            "heading": words_field("Heading", 150, "The heading of the whole page.", required=True),
            "eyebrow": words_field("Line above it", 80),
            "text": marked_field("Text"),
            "button": words_field("Button", 50, "Empty: no button.", placeholder="Ask for a demo"),
            "link": LinkField(label="Button leads to", help_text=LINK + " Empty: to the form."),
            "layout": choice_field("Words stand", [("left", "At the left"), ("centre", "In the middle")]),
            **self._image(),
        }

    def _fields_of_text(self) -> dict[str, forms.Field]:
        return {
            "heading": words_field("Heading", 150),
            "text": marked_field("Text"),
            "ground": choice_field("Ground", GROUNDS),
        }

    def _fields_of_image(self) -> dict[str, forms.Field]:
        widths = [("narrow", "Narrow"), ("normal", "Normal"), ("wide", "Wide")]
        return {
            **self._image(),
            "caption": words_field("Line below it", 200),
            "width": choice_field("Width", widths),
            "ground": choice_field("Ground", GROUNDS),
        }

    def _fields_of_columns(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            "heading": words_field("Heading", 150),
            "ground": choice_field("Ground", GROUNDS),
        }
        for number in COLUMNS:
            fields |= {
                f"title_{number}": words_field("Heading", 100),
                f"body_{number}": marked_field("Text", ""),
                **self._image(f"_{number}"),
            }
        return fields

    def _fields_of_form(self) -> dict[str, forms.Field]:
        others = (
            IntakeForm.objects.filter(fed_by=FedBy.VISITORS)
            .order_by("name")
            .values_list("pk", "name", "state")[:MOST_LISTED]
        )
        words = dict(FormState.choices)
        choices = [("", "Choose a form")] + [
            (pk, name if state == FormState.LIVE else f"{name} ({words[state].lower()})") for pk, name, state in others
        ]
        return {
            "form": forms.TypedChoiceField(
                label="Form", choices=choices, required=False, coerce=int, empty_value=None, help_text="One on a page."
            ),
            "heading": words_field("Heading above it", 150),
            "text": marked_field("Words above it"),
            "button": words_field("Button", 50, "Empty: as the form says."),
            "beside": forms.BooleanField(label="Beside the block above it, where there is room", required=False),
        }

    def _fields_of_testimonial(self) -> dict[str, forms.Field]:
        return {
            "quote": forms.CharField(
                label="What they say", max_length=1000, required=True, widget=forms.Textarea(attrs={"rows": 4})
            ),
            "name": words_field("Who says it", 100),
            "role": words_field("What they do, and where", 150),
            **self._image(alt="Their portrait, in words. Required with an image."),
            "ground": choice_field("Ground", GROUNDS),
        }

    def _fields_of_footer(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {"text": marked_field("Text")}
        for number in LINKS:
            fields |= {
                f"label_{number}": words_field("Words", 60),
                f"link_{number}": LinkField(label="Leads to", help_text=LINK if number == 1 else ""),
            }
        return fields
