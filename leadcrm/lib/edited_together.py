"""Records in the admin that two people may edit at once: the second is told, and keeps what they typed."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.http import QueryDict

from leadcrm.lib.seen_form import SeenForm

MOST_SEEN = 200_000


class Seen(forms.CharField):
    """What the page showed. A form of which nothing else was touched is untouched."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class EditedTogether(forms.ModelForm, SeenForm):
    """Is refused when the stored record is no longer as it was shown, and then shows it as it is now, but for what
    this person edited: saving again writes only that upon what others saved.
    """

    seen = Seen(widget=forms.HiddenInput, required=False, max_length=MOST_SEEN, label="")

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What is seen is known last, when every subclass has said what its fields begin with."""
        if field_name == "seen":
            return json.dumps(self.flat_initial())
        return super().get_initial_for_field(field, field_name)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.instance.pk and self.says_what_was_seen:
            self._compare()
        return found

    def _compare(self) -> None:
        """With the record as it is once its row is locked; what the form does not show is as it is there, too."""
        model = type(self.instance)
        stored = model._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk=self.instance.pk).first()
        if stored is None:
            return
        for column in model._meta.concrete_fields:
            if column.name not in self.fields:
                setattr(self.instance, column.attname, getattr(stored, column.attname))
        self.initial = {**self.initial, **type(self)(instance=stored).initial}
        if changes := self.changes_meanwhile():
            self._tell(changes)

    def _tell(self, changes: list[tuple[str, str, str]]) -> None:
        told = "; ".join(f"{label} from “{was}” to “{now}”" for label, was, now in changes)
        data: Any = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        rebased = self.rebased_data()
        for name in rebased:
            data.setlist(name, rebased.getlist(name))
        self.data = data
        self.add_error(None, f"Someone else has changed this meanwhile: {told}.")
        self.add_error(None, "Nothing was saved. What you typed is below, the rest is as it is now; save to keep it.")


def with_seen(fieldsets: Any, form: type[forms.BaseForm]) -> Any:
    """The fieldsets of an admin, with what `form` carries along unseen."""
    if not issubclass(form, EditedTogether) or "seen" in flatten_fieldsets(fieldsets):
        return fieldsets
    (heading, options), *others = fieldsets
    return [(heading, {**options, "fields": (*options["fields"], "seen")}), *others]
