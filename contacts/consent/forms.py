"""Forms of the pages about consent."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.models import ConsentLevel, Purpose
from leadcrm.lib.edited_together import EditedTogether

GIVEN = [("given", "They agree"), ("withdrawn", "They take it back")]
WORDS = forms.Textarea(attrs={"rows": 3})


class PurposeForm(EditedTogether):
    """A purpose; its words are versions of their own."""

    class Meta:
        model = Purpose
        fields = ("name", "description", "level", "confirm")
        labels = {"description": "What people get", "confirm": "Confirmed by mail"}

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if Purpose.objects.exclude(pk=self.instance.pk).filter(name__iexact=name).exists():
            raise forms.ValidationError("There is a purpose of this name already.")
        return name


class NewPurposeForm(PurposeForm):
    """With its first words."""

    text = forms.CharField(
        label="Wording",
        max_length=1000,
        widget=WORDS,
        help_text="The sentence people agree to, as they see it beside the box. Better words later are a new version.",
    )


class WordingForm(forms.Form):
    """A new version of a purpose's words. `number` is the latest version that was seen."""

    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label="New wording", max_length=1000, widget=WORDS)


class RecordConsentForm(forms.Form):
    """What somebody said about their consent to a person who works here."""

    what = forms.ChoiceField(label="What about")
    given = forms.ChoiceField(label="What they said", choices=GIVEN)
    source = forms.CharField(
        label="How we know", max_length=200, help_text="Such as: on the phone, 12 March; signed form at the trade show."
    )
    wording = forms.CharField(
        label="What was said to them",
        max_length=1000,
        required=False,
        widget=WORDS,
        help_text="Empty: the purpose's words as they are now.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        purposes = [(f"purpose:{one.pk}", f"{one} ({one.get_level_display()})") for one in Purpose.objects.all()]
        levels = [(f"level:{value}", label) for value, label in ConsentLevel.choices]
        choices: Any = [("Purpose", purposes), ("Level", levels)] if purposes else levels
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> tuple[str, int]:
        """Whether a purpose or a level, and which."""
        kind, _, number = self.cleaned_data["what"].partition(":")
        return kind, int(number)
