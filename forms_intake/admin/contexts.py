"""A form or page and its marketing context are edited as one."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.models import Campaign, MarketingContext, Product
from leadcrm.lib.edited_together import EditedTogether


class WithContext(EditedTogether):
    """Adds campaign and product, and keeps them on the marketing context that the edited row owns."""

    context_kind: MarketingContext.Kind
    campaign = forms.ModelChoiceField(Campaign.objects.all(), required=False, help_text="Of the leads it makes.")
    product = forms.ModelChoiceField(Product.objects.all(), required=False, help_text="What they are interested in.")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.instance.pk and not self.data:
            context = self.instance.marketing_context
            self.initial.update(campaign=context.campaign_id, product=context.product_id)


def keep_context(form: WithContext, *, name: str) -> MarketingContext:
    """The marketing context of what `form` edits, made or brought up to date; to be called before it is saved."""
    owner = form.instance
    context = owner.marketing_context if owner.pk else MarketingContext(kind=form.context_kind)
    context.name = name[:200]
    context.campaign, context.product = form.cleaned_data["campaign"], form.cleaned_data["product"]
    context.save()
    owner.marketing_context = context
    return context
