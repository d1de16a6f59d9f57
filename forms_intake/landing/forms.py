"""Editing blocks, settings and addresses of pages: whoever saves second is told, and keeps what they typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from contacts.models import Campaign, Product
from forms_intake.landing.blocks import COLUMNS, KINDS, LINKS
from forms_intake.landing.images import TAKEN
from forms_intake.landing.languages import KNOWN, LABELS, NAMES, words_of
from forms_intake.landing.markup import LONGEST_LINK, safe_link
from forms_intake.models import FedBy, FormState, IntakeForm, LandingPage, PageImage, PageSlug
from leadcrm.lib.languages import LANGUAGES
from leadcrm.lib.seen_form import SeenForm

MARKS = "**strong**, *emphasis*, [words](https://…), lists with - or 1. An empty line begins a new paragraph."
LINK = "https://…, mailto:…, tel:…, or #form for the form of this page."
GROUNDS = [("plain", "Plain"), ("tint", "Tinted")]
UPLOAD = "_file"
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


class _Draft(SeenForm):
    """A part of a draft. `initial` is how it is stored now; files are not compared."""

    @property
    def shown(self) -> list[str]:
        return [
            name for name, field in self.fields.items() if name != "seen" and not isinstance(field, forms.FileField)
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.says_what_was_seen and (changes := self.changes_meanwhile()):
            self._tell(changes)
        return found

    def _tell(self, changes: list[tuple[str, str, str]]) -> None:
        told = "; ".join(f"{label} from “{was[:80]}” to “{now[:80]}”" for label, was, now in changes)
        data = QueryDict(mutable=True)
        rebased = self.rebased_data()
        for name in rebased:
            data.setlist(name, rebased.getlist(name))
        self.data = data
        self.add_error(None, f"Someone else has changed this meanwhile: {told}.")
        self.add_error(None, "Nothing was saved. What you typed is below, the rest is as it is now; save to keep it.")


def _text(label: str, most: int, help: str = "", *, required: bool = False, placeholder: str = "") -> forms.CharField:
    field = forms.CharField(label=label, max_length=most, required=required, help_text=help)
    field.widget.attrs |= {"placeholder": placeholder} if placeholder else {}
    return field


def _marked(label: str, help: str = MARKS) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=MOST_TEXT, required=False, help_text=help, widget=forms.Textarea(attrs={"rows": 6})
    )


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


class BlockForm(_Draft):
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
            f"image{suffix}{UPLOAD}": forms.FileField(
                label="Or a new one",
                required=False,
                help_text=f"{TAKEN}, at most 8 MB.",
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
            ),
            f"alt{suffix}": _text(
                "What the image shows", 300, alt or "For people who do not see it. Required with an image."
            ),
        }

    def _fields_of_hero(self) -> dict[str, forms.Field]:
        return {
            "heading": _text("Heading", 150, "The heading of the whole page.", required=True),
            "eyebrow": _text("Line above it", 80),
            "text": _marked("Text"),
            "button": _text("Button", 50, "Empty: no button.", placeholder="Ask for a demo"),
            "link": LinkField(label="Button leads to", help_text=LINK + " Empty: to the form."),
            "layout": _choice("Words stand", [("left", "At the left"), ("centre", "In the middle")]),
            **self._image(),
        }

    def _fields_of_text(self) -> dict[str, forms.Field]:
        return {"heading": _text("Heading", 150), "text": _marked("Text"), "ground": _choice("Ground", GROUNDS)}

    def _fields_of_image(self) -> dict[str, forms.Field]:
        widths = [("narrow", "Narrow"), ("normal", "Normal"), ("wide", "Wide")]
        return {
            **self._image(),
            "caption": _text("Line below it", 200),
            "width": _choice("Width", widths),
            "ground": _choice("Ground", GROUNDS),
        }

    def _fields_of_columns(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {"heading": _text("Heading", 150), "ground": _choice("Ground", GROUNDS)}
        for number in COLUMNS:
            fields |= {
                f"title_{number}": _text("Heading", 100),
                f"body_{number}": _marked("Text", ""),
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
            "heading": _text("Heading above it", 150),
            "text": _marked("Words above it"),
            "button": _text("Button", 50, "Empty: as the form says."),
            "beside": forms.BooleanField(label="Beside the block above it, where there is room", required=False),
        }

    def _fields_of_testimonial(self) -> dict[str, forms.Field]:
        return {
            "quote": forms.CharField(
                label="What they say", max_length=1000, required=True, widget=forms.Textarea(attrs={"rows": 4})
            ),
            "name": _text("Who says it", 100),
            "role": _text("What they do, and where", 150),
            **self._image(alt="Their portrait, in words. Required with an image."),
            "ground": _choice("Ground", GROUNDS),
        }

    def _fields_of_footer(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {"text": _marked("Text")}
        for number in LINKS:
            fields |= {
                f"label_{number}": _text("Words", 60),
                f"link_{number}": LinkField(label="Leads to", help_text=LINK if number == 1 else ""),
            }
        return fields


class SettingsForm(_Draft):
    """What search engines and networks say of a page, and its address. Address, campaign and product change at once."""

    slug = forms.SlugField(
        label="Address", max_length=80, help_text="Behind /p/. Where it was before goes on leading here."
    )
    name = forms.CharField(label="Name in lists", max_length=150)
    campaign = forms.ModelChoiceField(
        Campaign.objects.order_by("name"),
        required=False,
        empty_label="None",
        help_text="Of the leads that come through it.",
    )
    product = forms.ModelChoiceField(
        Product.objects.order_by("name"), required=False, empty_label="None", help_text="What they are interested in."
    )
    title = forms.CharField(
        label="Title", max_length=150, help_text="On the tab of the browser and in search results: 50 to 60 characters."
    )
    description = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Below the title in search results: about 150 characters.",
    )
    canonical = LinkField(
        label="Canonical address", help_text="Where the same is said elsewhere and that is the original. Empty: here."
    )
    noindex = forms.BooleanField(label="Keep it out of search results", required=False)
    social_title = forms.CharField(max_length=150, required=False, help_text="Empty: the title.")
    social_description = forms.CharField(
        max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Empty: the description."
    )
    social_image = forms.TypedChoiceField(
        label="Image when shared", required=False, coerce=int, empty_value=None, help_text="Is cut to 1200 × 630."
    )
    social_image_file = forms.FileField(
        label="Or a new one",
        required=False,
        help_text=f"{TAKEN}, at most 8 MB.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    stopped_message = forms.CharField(
        label="Once it is stopped",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What visitors read then. Empty: that the page is no longer here.",
    )
    language = forms.ChoiceField(
        choices=list(LANGUAGES.items()),
        help_text="What the page is written in: browsers, search engines and screen readers go by it.",
    )
    SECTIONS = (
        ("", ("name", "slug", "campaign", "product")),
        ("In search results", ("title", "description", "canonical", "noindex")),
        ("When it is shared", ("social_title", "social_description", "social_image", "social_image_file")),
        ("Afterwards", ("stopped_message",)),
        ("Language", ("language",)),
    )

    def __init__(self, data: Any = None, files: Any = None, *, page: LandingPage, stored: dict[str, Any]) -> None:
        about = page.marketing_context
        own = {"slug": page.slug, "name": page.title, "campaign": about.campaign_id, "product": about.product_id}
        super().__init__(data, files, initial=stored | own)
        self.page = page
        ours = words_of(stored["language"])
        self.has_words, self.language_name = stored["language"] in KNOWN, LANGUAGES[stored["language"]]
        for name in NAMES:
            self.fields[f"word_{name}"] = _text(LABELS[name], 120, placeholder=getattr(ours, name))
        images = PageImage.objects.order_by("-pk").values_list("pk", "name")[:MOST_LISTED]
        self.fields["social_image"].choices = [("", "None"), *images]  # type: ignore[attr-defined]
        self.remember()

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(heading, [self[name] for name in names]) for heading, names in self.SECTIONS]

    @property
    def words(self) -> list[forms.BoundField]:
        """Ours on the page, each of which may be put otherwise."""
        return [self[f"word_{name}"] for name in NAMES]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if LandingPage.objects.filter(slug=slug).exclude(pk=self.page.pk).exists():
            raise forms.ValidationError("Another page is there.")
        older = PageSlug.objects.filter(slug=slug).exclude(page=self.page).select_related("page").first()
        if older:
            raise forms.ValidationError(f"“{older.page}” was there before, and people who know that are led to it.")
        return slug

    def clean_canonical(self) -> str:
        said: str = self.cleaned_data["canonical"]
        if said and not said.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Only an address with https or http can be one.")
        return said


class NewPageForm(forms.Form):
    """A new page: its name, and what it begins with."""

    name = forms.CharField(max_length=150, help_text="For you and your colleagues, and the page's first heading.")
    begin = forms.ChoiceField(label="Begin with", widget=forms.RadioSelect)
    form = forms.ModelChoiceField(
        IntakeForm.objects.filter(fed_by=FedBy.VISITORS).exclude(state=FormState.CLOSED).order_by("name"),
        required=False,
        empty_label="None yet",
        help_text="What visitors fill in.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["begin"].choices = choices  # type: ignore[attr-defined]
