"""Editing what is said of a page where it is found and shared, and its address; and beginning a new one."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.models import Campaign, Product
from forms_intake.landing.draft_form import DraftForm
from forms_intake.landing.inputs import MOST_LISTED, LinkField, upload_field, words_field
from forms_intake.landing.languages import KNOWN, LABELS, NAMES, words_of
from forms_intake.models import FedBy, FormState, IntakeForm, LandingPage, PageImage, PageSlug
from leadcrm.lib.languages import LANGUAGES


class SettingsForm(DraftForm):
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
    social_image_file = upload_field()
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
            self.fields[f"word_{name}"] = words_field(LABELS[name], 120, placeholder=getattr(ours, name))
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
