"""Forms that two people may have open at the same time: what was seen travels with the page.

What differs from it is what this person edited, whatever others saved meanwhile: only that is saved, and when others
changed something the person is told what, and keeps what they typed.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import QueryDict

Flat = str | list[str]


class SeenForm(forms.Form):
    """A form that carries `seen`, its fields as they were when the person began."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)

    @property
    def shown(self) -> list[str]:
        """The fields that people see."""
        return [name for name in self.fields if name != "seen"]

    def remember(self) -> None:
        """Let the page carry what it shows. To be called when all fields are there."""
        self.initial["seen"] = json.dumps(self.flat_initial())

    def flat_initial(self) -> dict[str, Flat]:
        """What is stored now, as the texts a browser would send."""
        return {name: flat(self.fields[name].prepare_value(self.initial.get(name))) for name in self.shown}

    def flat_posted(self) -> dict[str, Flat]:
        """What was posted, as texts."""
        return {
            name: flat(self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))
            for name in self.shown
        }

    @property
    def says_what_was_seen(self) -> bool:
        """Whether the page sent along what the person saw."""
        try:
            said = json.loads(self.data.get(self.add_prefix("seen"), ""))
        except (ValueError, RecursionError):
            return False
        return isinstance(said, dict) and all(map(_is_flat, said.values()))

    def seen_values(self) -> dict[str, Flat]:
        """What the person saw when they began; what is stored now, when the page did not say."""
        seen: dict[str, Flat] = (
            json.loads(self.data[self.add_prefix("seen")]) if self.says_what_was_seen else self.flat_initial()
        )
        return seen

    def edited(self) -> list[str]:
        """The fields in which the person changed what they saw."""
        seen = self.seen_values()
        return [name for name, value in self.flat_posted().items() if value != seen.get(name, "")]

    def changes_meanwhile(self) -> list[tuple[str, str, str]]:
        """What others changed since this person saw it: (label, before, now)."""
        seen, now = self.seen_values(), self.flat_initial()
        return [
            (
                str(self.fields[name].label or self[name].label),
                self.in_words(name, seen[name]),
                self.in_words(name, now[name]),
            )
            for name in self.shown
            if name in seen and seen[name] != now[name]
        ]

    def rebased_data(self) -> QueryDict:
        """What this person edited upon what is stored now, as if it had been posted by who saw that."""
        now, edited = self.flat_initial(), set(self.edited())
        data = QueryDict(mutable=True)
        for name, value in self.flat_posted().items():
            kept = value if name in edited else now[name]
            data.setlist(self.add_prefix(name), kept if isinstance(kept, list) else [kept])
        data[self.add_prefix("seen")] = json.dumps(now)
        return data

    def in_words(self, name: str, value: Flat) -> str:
        """A posted value as people read it."""
        labels = {str(key): str(label) for key, label in getattr(self.fields[name], "choices", [])}
        texts = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(text, text) for text in texts if text) or "nothing"


def _is_flat(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def flat(value: Any) -> Flat:
    """A value as the text, or texts, that a browser would send for it."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if value is None or value is False:
        return ""
    return "on" if value is True else str(value).replace("\r\n", "\n").strip()
