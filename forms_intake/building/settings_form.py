"""Editing what a form does beside asking, as field_form.py edits what it asks; and beginning a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q

from contacts.models import Campaign, ContactMatchingStrategy, Product, User
from contacts.people import people_to_assign
from forms_intake.models import IntakeForm
from leadcrm.lib.edited_together import EditedTogether
from leadcrm.lib.languages import LANGUAGES
from leads.models import LeadMatchingStrategy


class SettingsForm(EditedTogether):
    """What a form does beside asking. Name, campaign, product and captcha change at once, the rest on going live."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.all(), required=False, empty_label="None", help_text="Of the leads it makes."
    )
    product = forms.ModelChoiceField(
        Product.objects.all(), required=False, empty_label="None", help_text="What they are interested in."
    )
    redirect_url = forms.URLField(
        label="Address to go to afterwards",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="Visitors go there instead of reading that it was sent.",
    )

    SECTIONS = (
        ("", ("name", "campaign", "product")),
        ("What a post makes", ("creates", "always_new_lead", "topic", "lead_owner", "after_closed")),
        ("How posts are matched", ("contact_strategy", "lead_strategy", "asks_at_most")),
        (
            "What visitors read",
            ("language", "double_opt_in", "intro", "button", "thank_you", "redirect_url", "closed_message"),
        ),
        ("Against robots", ("captcha",)),
        ("Who is told", ("notify",)),
    )

    class Meta:
        model = IntakeForm
        fields = [
            "name", "creates", "always_new_lead", "topic", "lead_owner", "after_closed", "contact_strategy",
            "lead_strategy", "asks_at_most", "language", "double_opt_in", "intro", "button", "thank_you",
            "redirect_url", "closed_message", "notify", "captcha",
        ]  # fmt: skip
        widgets = {"notify": forms.CheckboxSelectMultiple, "language": forms.Select(choices=list(LANGUAGES.items()))}
        labels = {
            "notify": "Told of every post",
            "asks_at_most": "Questions to known visitors at once",
            "thank_you": "When it was sent",
        }
        help_texts = {
            "captcha": "In force at once. Posts without it are set aside as spam, and can be restored.",
            "notify": "In the application, and by e-mail as each of them has chosen.",
            "thank_you": "**strong**, and [words](https://…) that lead to what they asked for, such as a download.",
            "contact_strategy": "",
            "lead_strategy": "",
            "asks_at_most": "Of the fields that are not asked of everybody; 0: all.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        working = Q(is_active=True)
        fields["lead_owner"].queryset = people_to_assign(self.instance.lead_owner_id)
        told = self.instance.notify.values("pk")
        fields["notify"].queryset = User.objects.filter(working | Q(pk__in=told)).order_by("first_name", "username")
        fields["contact_strategy"].queryset = ContactMatchingStrategy.objects.filter(
            Q(retired_at=None) | Q(pk=self.instance.contact_strategy_id)
        ).order_by("name")
        fields["lead_strategy"].queryset = LeadMatchingStrategy.objects.filter(
            Q(retired_at=None) | Q(pk=self.instance.lead_strategy_id)
        ).order_by("name")
        for name, words in (
            ("contact_strategy", "The default"),
            ("lead_strategy", "The default"),
            ("lead_owner", "Nobody yet"),
        ):
            fields[name].empty_label = words
        fields["asks_at_most"].required = False
        fields["language"].required = False
        fields["button"].required = False
        context = self.instance.marketing_context
        self.initial = {**self.initial, "campaign": context.campaign_id, "product": context.product_id}

    def sections(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for heading, names in self.SECTIONS:
            yield heading, [self[name] for name in names]

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]) or self.instance.language
        if language not in LANGUAGES:
            raise forms.ValidationError("Choose one of the languages.")
        return language

    def clean_asks_at_most(self) -> int:
        return self.cleaned_data["asks_at_most"] or 0

    def clean_button(self) -> str:
        return self.cleaned_data["button"] or "Send"

    def clean_redirect_url(self) -> str:
        url = str(self.cleaned_data["redirect_url"])
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Give an address that begins with https://.")
        return url

    def save(self, commit: bool = True) -> IntakeForm:
        form: IntakeForm = super().save(commit)
        context = form.marketing_context
        context.name, context.campaign, context.product = (
            form.name[:200],
            self.cleaned_data["campaign"],
            self.cleaned_data["product"],
        )
        context.save()
        return form


class NewForm(forms.Form):
    """A name, and what it begins with: a starter, or a copy of another form."""

    name = forms.CharField(max_length=100)
    begin = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["begin"].choices = choices

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if IntakeForm.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a form of this name already.")
        return name
