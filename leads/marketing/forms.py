"""The forms in which marketers keep campaigns and contexts. Who saves second is told what changed, and by what."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from contacts.models import PARTS, Campaign, MarketingContext, Product
from leadcrm.lib.edited_together import EditedTogether

Kind = MarketingContext.Kind
OWNED = frozenset({Kind.FORM, Kind.PAGE, Kind.WEBSITE})
"""Made and named together with what owns them."""
MADE_ELSEWHERE = OWNED | {Kind.IMPORT, Kind.MANUAL}
MADE_HERE = [(kind.value, kind.label) for kind in Kind if kind not in MADE_ELSEWHERE]
TAKEN = "There is one of this kind and name already."
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class CampaignForm(EditedTogether):
    class Meta:
        model = Campaign
        fields = ("name", "code", "starts_on", "ends_on", "budget", "active")
        widgets = {"starts_on": DAY, "ends_on": DAY}
        labels = {"starts_on": "Begins", "ends_on": "Ends", "active": "Active"}

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        begins, ends = found.get("starts_on"), found.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "It ends before it begins.")
        budget = found.get("budget")
        if budget is not None and budget < 0:
            self.add_error("budget", "Not less than nothing.")
        return found


class ContextForm(EditedTogether):
    """A context; its kind stays as it was made, and what a form or page owns has its name from there."""

    class Meta:
        model = MarketingContext
        fields = ("kind", "name", "campaign", "product", *PARTS, "source_code", "active")
        labels = {"source_code": "Source code", "active": "Active"}
        help_texts = {"active": "What is not is archived: no longer offered, while what came through it stays."}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        made = self.instance
        if made.pk:
            del self.fields["kind"]
            if made.kind in MADE_ELSEWHERE - {Kind.IMPORT}:
                del self.fields["name"]
        else:
            self.fields["kind"] = forms.ChoiceField(choices=MADE_HERE)
        for part in PARTS:
            if part == made.kind:
                del self.fields[part]
                continue
            offered = Q(active=True) | Q(pk=getattr(made, f"{part}_id"))
            those = MarketingContext.objects.filter(offered, kind=part).order_by("name", "pk")
            self.fields[part] = Named(those, required=False, label=part.capitalize(), empty_label="None")

    def clean_name(self) -> str:
        """One of its kind has a name: whoever chooses by it must know which."""
        name: str = " ".join(self.cleaned_data["name"].split())
        kind = self.cleaned_data.get("kind") or self.instance.kind
        others = MarketingContext.objects.exclude(pk=self.instance.pk).filter(kind=kind)
        if kind not in MADE_ELSEWHERE and others.filter(name__iexact=name).exists():
            raise forms.ValidationError(TAKEN)
        return name

    def clean_source_code(self) -> str:
        return str(self.cleaned_data["source_code"]).strip()


class Named(forms.ModelChoiceField):
    """Contexts of one kind, by their names."""

    def label_from_instance(self, obj: MarketingContext) -> str:
        return obj.name


class ContextListFilter(django_filters.FilterSet):
    """The filters of the list of contexts."""

    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    kind = django_filters.ChoiceFilter(choices=Kind.choices, empty_label="Any")
    archived = django_filters.ChoiceFilter(
        choices=[("yes", "Archived"), ("all", "All")], method="by_use", label="Which", empty_label="In use"
    )
    campaign = django_filters.ModelChoiceFilter(queryset=Campaign.objects.all(), empty_label="Any")
    product = django_filters.ModelChoiceFilter(queryset=Product.objects.all(), empty_label="Any")

    class Meta:
        model = MarketingContext
        fields: tuple[str, ...] = ()

    def by_use(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(active=False) if value == "yes" else rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Those in use, unless archived ones are asked for."""
        found: QuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("archived") else found.filter(active=True)

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        for word in words.split()[:5]:
            rows = rows.filter(Q(name__icontains=word) | Q(source_code__icontains=word))
        return rows
