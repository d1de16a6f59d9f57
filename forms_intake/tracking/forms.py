"""Editing websites and their rules: whoever saves second is told what was changed, and keeps what they typed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Q

from contacts.models import Campaign, MarketingContext, Product
from forms_intake.models import PageMatch, PageRule, Website
from forms_intake.tracking.addresses import origin_of, page_of
from leadcrm.lib.admin import LinesField
from leadcrm.lib.edited_together import EditedTogether

MOST_ORIGINS = 50
BARE_HOST = re.compile(r"[^\s/:@]+\.[^\s/:@]+(?:[:/]|$)")
"""Begins like www.example.com, without a scheme."""
MOST_CONTEXTS = 500
FROM_FORMS = (MarketingContext.Kind.FORM, MarketingContext.Kind.IMPORT, MarketingContext.Kind.WEBSITE)


class WebsiteForm(EditedTogether):
    """A website; campaign and product are those of its marketing context."""

    origins = LinesField(
        label="Where its pages are",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "https://www.example.com"}),
        help_text="Hits from pages elsewhere are refused.",
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.all(),
        required=False,
        empty_label="None",
        help_text="Of what visits are about, where a rule says nothing else.",
    )
    product = forms.ModelChoiceField(Product.objects.all(), required=False, empty_label="None")

    class Meta:
        model = Website
        fields = ("name", "origins", "campaign", "product", "active")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.instance.pk:
            context = self.instance.marketing_context
            self.initial.update(campaign=context.campaign_id, product=context.product_id)
        else:
            del self.fields["active"]

    def clean_origins(self) -> list[str]:
        """As browsers write them, each once; https is meant where no scheme is said."""
        lines: list[str] = self.cleaned_data["origins"]
        meant = {line: origin_of(f"https://{line}" if BARE_HOST.match(line) else line) for line in lines}
        wrong = [line for line, origin in meant.items() if not origin]
        if wrong:
            raise forms.ValidationError(f"This is no address of a website: {wrong[0]}. Begin with https://.")
        if len(lines) > MOST_ORIGINS:
            raise forms.ValidationError(f"A website has at most {MOST_ORIGINS} origins.")
        return list(dict.fromkeys(meant.values()))

    def save(self, commit: bool = True) -> Website:
        """The website, and the marketing context it owns, named like it."""
        website: Website = self.instance
        context = website.marketing_context if website.pk else MarketingContext(kind=MarketingContext.Kind.WEBSITE)
        context.name = website.name[:200]
        context.campaign, context.product = self.cleaned_data["campaign"], self.cleaned_data["product"]
        context.save()
        website.marketing_context = context
        saved: Website = super().save(commit)
        return saved


class RuleForm(EditedTogether):
    """What pages of a website count as."""

    marketing_context = forms.ModelChoiceField(
        MarketingContext.objects.none(), required=False, label="It is about", empty_label="What the website is about"
    )

    class Meta:
        model = PageRule
        fields = ("name", "match", "pattern", "host", "marketing_context", "active")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.instance.pk:
            del self.fields["active"]
        kept = MarketingContext.objects.filter(active=True).exclude(kind__in=FROM_FORMS).order_by("-pk")
        offered = set(kept.values_list("pk", flat=True)[:MOST_CONTEXTS])
        field: Any = self.fields["marketing_context"]
        field.queryset = MarketingContext.objects.filter(
            Q(pk__in=offered) | Q(pk=self.instance.marketing_context_id)
        ).order_by("name")

    def clean_host(self) -> str:
        said = str(self.cleaned_data["host"]).strip()
        if not said:
            return ""
        page = page_of(said if "://" in said else f"https://{said}")
        if page is None:
            raise forms.ValidationError("Give a host, such as shop.example.com.")
        return page.host

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        pattern, match = str(found.get("pattern") or "").strip(), found.get("match")
        if match == PageMatch.HOST:
            found["pattern"] = ""
            if not found.get("host") and "host" not in self.errors:
                self.add_error("host", "Say which host; otherwise every page would count.")
            return found
        if not pattern and "pattern" not in self.errors:
            self.add_error("pattern", "Give a path, such as /pricing/.")
        elif "://" in pattern:
            page = page_of(pattern)
            if page is None:
                self.add_error("pattern", "This is no address of a page. A path, such as /pricing/, is enough.")
            else:
                pattern, found["host"] = page.path, found.get("host") or page.host
        elif pattern and pattern[0] not in "/*":
            pattern = f"/{pattern}"
        found["pattern"] = pattern[:300]
        if not self.errors and self._is_taken(found.get("name", "")):
            self.add_error("name", "Another rule of this website is called so.")
        return found

    def _is_taken(self, name: str) -> bool:
        others = PageRule.objects.filter(website=self.instance.website_id, name=name).exclude(pk=self.instance.pk)
        return bool(others.exists())
