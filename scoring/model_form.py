"""What every form of a scoring model checks, in the admin and on the pages of marketers."""

from __future__ import annotations

from typing import Any

from django import forms

from scoring.models import Target
from scoring.rule_form import refuse_contact


class CheckedModel(forms.ModelForm):
    """A form of a model that refuses, at its field, what leads of an account alone can never meet."""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("target") == Target.ACCOUNT:
            if found.get("minimum_consent"):
                self.add_error("minimum_consent", "A lead of an account alone has no contact who could give it.")
            if found.get("audience"):
                refuse_contact(self, "audience", found["audience"])
        return found
