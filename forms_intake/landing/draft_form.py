"""A form about a part of a page's draft: whoever saves second is told, and keeps what they typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from leadcrm.lib.seen_form import SeenForm


class DraftForm(SeenForm):
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
