"""Editing a field, or what a form does: whoever saves second is told what was changed, and keeps what they typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q

from contacts.models import Campaign, ContactMatchingStrategy, CustomField, Product, User
from forms_intake.building.editing import new_key
from forms_intake.models import Ask, Display, FieldType, FormField, IntakeForm
from forms_intake.patterns import BadPattern, compiled
from forms_intake.posts import RESERVED, TAGS
from forms_intake.showing import WORDS, Op, shown_of
from forms_intake.targets import LONGEST
from leadcrm.lib.admin import LinesField
from leadcrm.lib.edited_together import EditedTogether
from leadcrm.lib.languages import LANGUAGES
from leads.models import LeadMatchingStrategy

MOST_CHOICES = 200
PRODUCT_OF_LEAD = "lead.product"
CHOOSING = (FieldType.CHOICE, FieldType.MULTI_CHOICE)
WRITTEN = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL)
SEEN_TYPES = tuple(one for one in FieldType if one != FieldType.HIDDEN)
ONLY_FOR: dict[str, tuple[str, ...]] = {
    "choices": CHOOSING,
    "display": (FieldType.CHOICE, FieldType.YES_NO),
    "max_length": (*WRITTEN, FieldType.HIDDEN),
    "pattern": WRITTEN,
    "pattern_message": WRITTEN,
    "consent_level": (FieldType.CONSENT,),
    "purpose": (FieldType.CONSENT,),
    "placeholder": (*WRITTEN, FieldType.WHOLE, FieldType.NUMBER, FieldType.CHOICE),
    "help": SEEN_TYPES,
    "required": SEEN_TYPES,
    "message": SEEN_TYPES,
    "default": tuple(one for one in FieldType if one != FieldType.CONSENT),
    "prefill": tuple(one for one in SEEN_TYPES if one != FieldType.CONSENT),
    "ask": tuple(one for one in SEEN_TYPES if one != FieldType.CONSENT),
    "show_key": SEEN_TYPES,
    "show_op": SEEN_TYPES,
    "show_values": SEEN_TYPES,
}
"""What is asked only about some types of fields."""
SECTIONS = (
    ("", ("label", "type", "fills", "choices", "purpose", "consent_level", "required", "message")),
    ("How it looks", ("help", "placeholder", "default", "prefill", "display")),
    ("What is taken", ("max_length", "pattern", "pattern_message", "update")),
    ("When it is asked", ("ask", "show_key", "show_op", "show_values")),
    ("For programs", ("key",)),
)
Group = tuple[str, list[tuple[str, str]]]


def what_can_be_filled() -> list[tuple[str, str] | Group]:
    """Choices for `FormField.fills`: the attributes of each record, custom fields last. One query."""
    groups: dict[str, list[tuple[str, str]]] = {"contact": [], "account": [], "lead": [], "event": []}
    for target in LONGEST:
        record, name = target.split(".")
        groups[record].append((target, f"{record.capitalize()}: {name.replace('_', ' ')}"))
    for field in CustomField.objects.all():
        target = f"{field.entity}.custom.{field.key}"
        words = f"{field.get_entity_display()}: {field.label}{' (archived)' if field.archived else ''}"
        groups[field.entity].append((target, words))
    return [("", "Nothing: kept on the submission only"), *((name.capitalize(), all) for name, all in groups.items())]


class FieldForm(EditedTogether):
    """One field. What its type has no use for is emptied; what it needs must be there."""

    show_key = forms.ChoiceField(label="Shown", required=False)
    show_op = forms.ChoiceField(
        label="If its answer", required=False, choices=[(op.value, words) for op, words in WORDS.items()]
    )
    show_values = LinesField(label="One of these", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    key = forms.CharField(
        required=False, max_length=50, help_text="What programs post it under; left empty it is made of the label."
    )
    fills = forms.ChoiceField(required=False, help_text="Of what we keep; no two fields of a form fill the same.")
    choices = LinesField(required=False, help_text="Where it fills the lead's product, empty: all that are sold.")
    max_length = forms.IntegerField(required=False, min_value=1, max_value=10_000, label="Longest, in characters")

    class Meta:
        model = FormField
        fields = [
            "label", "key", "type", "fills", "required", "message", "update", "help", "placeholder", "default",
            "choices", "display", "max_length", "pattern", "pattern_message", "ask", "prefill", "consent_level",
            "purpose",
        ]  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["fills"].choices = what_can_be_filled()
        shown = shown_of(self.instance.show_when)
        others = self.instance.form.fields.exclude(pk=self.instance.pk).exclude(type=FieldType.HIDDEN)
        keys = [(one.key, f"by “{one.label}”") for one in others.order_by("position", "pk")]
        if shown and shown.key not in dict(keys):
            keys.append((shown.key, f"by {shown.key}, which is gone"))
        fields["show_key"].choices = [("", "always"), *keys]
        self.initial = {
            **self.initial,
            "show_key": shown.key if shown else "",
            "show_op": shown.op.value if shown else Op.IS.value,
            "show_values": list(shown.values) if shown else [],
        }

    def sections(self) -> Iterator[tuple[str, list[tuple[forms.BoundField, tuple[str, str, str] | None]]]]:
        """Headings with their fields, and what shows each as shown.js reads it: by which field, how, and (as JSON) by
        which of its values; None for those that are always asked.
        """
        for heading, names in SECTIONS:
            yield heading, [(self[name], _shown_by(name)) for name in names]

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]).strip()
        if not key:
            return self.instance.key or new_key(self.instance.form, self.data.get("label", ""))
        if key in RESERVED and key not in TAGS:
            raise forms.ValidationError("This name is ours; take another.")
        if self.instance.form.fields.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another field of this form has it.")
        return key

    def clean_fills(self) -> str:
        fills = str(self.cleaned_data["fills"])
        other = self.instance.form.fields.filter(fills=fills).exclude(pk=self.instance.pk).first() if fills else None
        if other:
            raise forms.ValidationError(f"“{other.label}” fills it already.")
        return fills

    def clean_max_length(self) -> int:
        return self.cleaned_data["max_length"] or 1000

    def clean_pattern(self) -> str:
        pattern = str(self.cleaned_data["pattern"])
        try:
            compiled(pattern)
        except BadPattern as problem:
            raise forms.ValidationError(f"This pattern cannot be read: {problem}.") from problem
        return pattern

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        type = found.get("type")
        for name, types in ONLY_FOR.items():
            if type and type not in types and name in found:
                found[name] = _nothing(name)
        self._clean_product(found)
        offers = found.get("choices") or _is_product(found)
        if type in CHOOSING and not offers and "choices" not in self.errors:
            self.add_error("choices", "Give at least one choice.")
        if len(found.get("choices") or []) > MOST_CHOICES:
            self.add_error("choices", f"At most {MOST_CHOICES} choices.")
        if type == FieldType.CONSENT and found.get("consent_level") is None and not found.get("purpose"):
            self.add_error("consent_level", "Say what ticking it agrees to, or choose a purpose.")
        self._clean_default(found)
        self._clean_shown(found)
        return found

    def _clean_product(self, found: dict[str, Any]) -> None:
        if not _is_product(found):
            return
        if found.get("type") not in (FieldType.CHOICE, FieldType.HIDDEN):
            self.add_error("type", "The product of a lead is chosen: make it a choice, or hidden.")
        choices = found.get("choices") or []
        known = set(Product.objects.filter(active=True, name__in=choices).values_list("name", flat=True))
        if strange := [one for one in choices if one not in known]:
            self.add_error("choices", f"No product of ours is called {', '.join(strange)}. Empty: all that are sold.")

    def _clean_default(self, found: dict[str, Any]) -> None:
        default = found.get("default")
        choices = found.get("choices") or []
        if default and found.get("type") in CHOOSING and default not in choices and (choices or not _is_product(found)):
            self.add_error("default", "It is none of the choices.")

    def _clean_shown(self, found: dict[str, Any]) -> None:
        key, op, values = found.get("show_key"), found.get("show_op") or Op.IS.value, found.get("show_values") or []
        self.instance.show_when = None
        if not key:
            return
        needs = op in (Op.IS, Op.IS_NOT)
        other = self.instance.form.fields.filter(key=key).first()
        if needs and not values:
            self.add_error("show_values", "Say which values, one on each line.")
        elif needs and other and other.choices and (strange := [one for one in values if one not in other.choices]):
            self.add_error("show_values", f"“{other.label}” does not offer {', '.join(strange)}.")
        elif needs and other and other.type in (FieldType.YES_NO, FieldType.CONSENT) and set(values) - {"yes", "no"}:
            self.add_error("show_values", f"“{other.label}” is answered yes or no.")
        self.instance.show_when = {"key": key, "op": op, "values": values if needs else []}


def _is_product(found: dict[str, Any]) -> bool:
    return found.get("fills") == PRODUCT_OF_LEAD


def _shown_by(name: str) -> tuple[str, str, str] | None:
    if name == "show_op":
        return "show_key", Op.FILLED.value, "[]"
    if name == "show_values":
        return "show_op", Op.IS.value, json.dumps([Op.IS.value, Op.IS_NOT.value])
    return ("type", Op.IS.value, json.dumps([str(one) for one in ONLY_FOR[name]])) if name in ONLY_FOR else None


def _nothing(name: str) -> Any:
    empty: dict[str, Any] = {
        "choices": [], "show_values": [], "required": False, "max_length": 1000, "consent_level": None, "purpose": None,
        "ask": Ask.ALWAYS.value, "display": Display.USUAL.value, "show_op": Op.IS.value,
    }  # fmt: skip
    return empty.get(name, "")


class SettingsForm(EditedTogether):
    """What a form does beside asking. Name, campaign, product and captcha change at once, the rest on going live."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.all(), required=False, empty_label="None", help_text="Of the leads it makes."
    )
    product = forms.ModelChoiceField(
        Product.objects.all(), required=False, empty_label="None", help_text="What they are interested in."
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
        fields["lead_owner"].queryset = User.objects.filter(working | Q(pk=self.instance.lead_owner_id))
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
