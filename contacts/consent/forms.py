"""Forms of the pages about consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from contacts.models import ConsentLevel, Purpose, PurposeWording
from leadcrm.lib.edited_together import EditedTogether
from leadcrm.lib.languages import ENGLISH, LANGUAGES

GIVEN = [("given", "They agree"), ("withdrawn", "They take it back")]
WORDS = forms.Textarea(attrs={"rows": 3})
IN = "text_"
"""Begins the names of fields for words in a further language, before its code."""
TONGUES = list(LANGUAGES.items())


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
    language = forms.ChoiceField(
        label="Language",
        choices=TONGUES,
        initial=ENGLISH,
        required=False,
        help_text="Further languages can be added afterwards.",
    )


class WordingForm(forms.Form):
    """A new version of a purpose's words, which begins as the `latest` is. `number` is the version that was seen.

    `spoken` are the codes of the languages in which visitors are spoken to: there are fields for those, and for those
    that have words already; any other is chosen as `more`.
    """

    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label="Wording", max_length=1000, widget=WORDS)
    language = forms.ChoiceField(label="Language", choices=TONGUES, required=False)
    more = forms.ChoiceField(label="Further language", choices=[("", "None"), *TONGUES], required=False)
    more_text = forms.CharField(label="Wording in it", max_length=1000, widget=WORDS, required=False)

    def __init__(self, data: Any = None, *, latest: PurposeWording | None, spoken: Sequence[str]) -> None:
        others: dict[str, str] = latest.others if latest else {}
        first = (latest.language if latest else "") or ENGLISH
        begin: dict[str, Any] = {"language": first}
        if latest:
            begin |= {"number": latest.number, "text": latest.text} | {IN + code: said for code, said in others.items()}
        super().__init__(data, initial=begin)
        posted = {name.removeprefix(IN) for name in data or () if name.startswith(IN)}
        wanted = {*spoken, *others, *posted} - ({first} - posted)
        self.further = [code for code in LANGUAGES if code in wanted]
        for code in self.further:
            self.fields[IN + code] = forms.CharField(
                label=f"Wording, {LANGUAGES[code]}",
                max_length=1000,
                required=False,
                widget=WORDS,
                help_text=_without(code in others),
            )

    @property
    def translations(self) -> list[forms.BoundField]:
        """The fields of further languages."""
        return [self[IN + code] for code in self.further]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        found["language"] = found.get("language") or self.initial["language"]
        code, words = found.get("more"), found.get("more_text")
        if bool(code) != bool(words):
            self.add_error("more_text" if code else "more", "Say both: a language, and the words in it.")
        elif code and (code == found.get("language") or found.get(IN + code)):
            self.add_error("more", f"There are words in {LANGUAGES[code]} already.")
        for code in self.further:
            if code == found.get("language") and found.get(IN + code):
                self.add_error(IN + code, f"The first words are in {LANGUAGES[code]} already.")
        return found

    def said(self) -> dict[str, Any]:
        """What `add_wording` takes."""
        typed = self.cleaned_data
        others = {code: typed[IN + code] for code in self.further} | {typed["more"]: typed["more_text"]}
        return {
            "text": typed["text"],
            "language": typed["language"],
            "number": typed["number"],
            "others": {code: words for code, words in others.items() if code and words},
        }


def _without(has_words: bool) -> str:
    return "" if has_words else "Empty: people see the words above."


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
