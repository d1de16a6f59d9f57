"""What is asked of somebody who makes or changes a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from contacts.models import User
from contacts.people import people_to_assign
from contacts.roles import Ability, Role, roles_with
from leadcrm.lib.seen_form import Flat, SeenForm
from leads.due import Due, due_on
from leads.models import Task
from leads.work import queue_words

QUEUE = "queue:"


class TaskForm(SeenForm):
    """A task: what, until when, who. `who` is a person's id, or "queue:" and a role."""

    title = forms.CharField(max_length=200, label="What is to be done")
    day = forms.DateField(
        required=False, label="Due on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    clock = forms.TimeField(
        required=False,
        label="At",
        help_text="Left empty: some time of the day.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    who = forms.ChoiceField(label="Who does it")
    note = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: User, task: Task | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(people_to_assign())
        if task and task.owner and task.owner not in people:
            people.append(task.owner)
        chosen = [(str(one.pk), f"{one} (you)" if one == user else str(one)) for one in people]
        roles = [(QUEUE + role, queue_words(role)) for role in Role if role in roles_with(Ability.WRITE)]
        field: Any = self.fields["who"]
        field.choices = [("People", chosen), ("Whoever takes it first", roles)]
        self._people = {str(one.pk): one for one in people}
        self.initial.update(self._as_it_is(task) if task else {"who": str(user.pk), "day": timezone.localdate()})
        self.remember()

    def _as_it_is(self, task: Task) -> dict[str, Any]:
        clock = f"{timezone.localtime(task.due_at):%H:%M}" if task.due_at and not task.all_day else None
        who = str(task.owner_id) if task.owner_id else QUEUE + task.queue
        return {"title": task.title, "note": task.note, "day": task.due_on, "clock": clock, "who": who}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("clock") and not given.get("day"):
            self.add_error("day", "Say on which day.")
        return given

    def in_words(self, name: str, value: Flat) -> str:
        """As SeenForm says; of people and roles the names, which stand in groups here."""
        if name != "who":
            return super().in_words(name, value)
        field: Any = self.fields["who"]
        names: dict[str, str] = {key: label for _, group in field.choices for key, label in group}
        return names.get(str(value), "somebody else")

    @property
    def due(self) -> Due:
        return due_on(self.cleaned_data["day"], self.cleaned_data["clock"])

    @property
    def owner(self) -> User | None:
        return self._people.get(self.cleaned_data["who"])

    @property
    def queue(self) -> str:
        who: str = self.cleaned_data["who"]
        return who.removeprefix(QUEUE) if who.startswith(QUEUE) else ""


class PostponeForm(forms.Form):
    """By how many days from today, or from when it is due if that is later."""

    days = forms.IntegerField(min_value=1, max_value=365)

    def due_of(self, task: Task) -> Due:
        """When the task is due then, at the same time of day."""
        today = timezone.localdate()
        day = max(task.due_on or today, today) + timedelta(days=self.cleaned_data["days"])
        clock = timezone.localtime(task.due_at).time() if task.due_at and not task.all_day else None
        return due_on(day, clock)
