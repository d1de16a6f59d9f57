"""Editing a field: whoever saves second is told what was changed, and keeps what they typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from contacts.models import Product
from forms_intake.building.editing import new_key
from forms_intake.building.fillable import what_can_be_filled
from forms_intake.building.only_for import CHOOSING, ONLY_FOR, nothing, shown_by
from forms_intake.models import FieldType, FormField
from forms_intake.patterns import BadPattern, compiled
from forms_intake.posts import RESERVED, TAGS
from forms_intake.showing import WORDS, Op, shown_of
from leadcrm.lib.admin import LinesField
from leadcrm.lib.edited_together import EditedTogether

MOST_CHOICES = 200
PRODUCT_OF_LEAD = "lead.product"
SECTIONS = (
    ("", ("label", "type", "fills", "choices", "purpose", "consent_level", "required", "message")),
    ("How it looks", ("help", "placeholder", "default", "prefill", "display")),
    ("What is taken", ("max_length", "pattern", "pattern_message", "update")),
    ("When it is asked", ("ask", "show_key", "show_op", "show_values")),
    ("For programs", ("key",)),
)


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
            yield heading, [(self[name], shown_by(name)) for name in names]

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
                found[name] = nothing(name)
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
