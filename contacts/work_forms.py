"""Forms of teams, working hours and absences."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from contacts.models import Absence, Team, Territory, User, WorkSettings
from contacts.models.working import DAY_MINUTES, Week, check_week
from contacts.people import people_to_assign
from contacts.working_time import zone_named
from leadcrm.lib.seen_form import SeenForm

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPAN = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*")


def day_words(day: list[list[int]]) -> str:
    """Such as "09:00–12:00, 13:00–17:00"; "" for a free day."""
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in day)


def week_words(week: Week) -> str:
    """Such as "Mon–Fri 09:00–17:00": days alike that follow each other together."""
    parts: list[list[Any]] = []
    for name, day in zip(DAYS, week, strict=True):
        said = day_words(day)
        if parts and parts[-1][2] == said:
            parts[-1][1] = name
        else:
            parts.append([name, name, said])
    days = [f"{first[:3]}{f'–{last[:3]}' if last != first else ''} {said}" for first, last, said in parts if said]
    return "; ".join(days) or "Never"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


class DayField(forms.CharField):
    """The hours of one day, as [from, to] in minutes; none for a free day."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=100, **more)
        self.widget.attrs |= {"placeholder": "Free", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return day_words(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[list[int]]:
        text: str = super().clean(value)
        spans = []
        for part in filter(str.strip, text.split(",")):
            found = SPAN.fullmatch(part)
            if found is None:
                raise ValidationError("Hours are written like 9:00-12:00, 13:00-17:00.")
            begin, end = (
                int(hour) * 60 + int(minute or 0) for hour, minute in (found.groups()[:2], found.groups()[2:])
            )
            if not begin < end <= DAY_MINUTES or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
                raise ValidationError("Hours begin before they end, and a day ends at 24:00.")
            spans.append([begin, end])
        spans.sort()
        try:
            check_week([spans, [], [], [], [], [], []])
        except ValidationError:
            raise ValidationError("These hours overlap.") from None
        return spans


class WorkForm(SeenForm):
    """When somebody works; `whole`: also how much they can take, which is for managers to say. For the workspace
    (settings without a person) only its hours and time zone."""

    own_hours = forms.BooleanField(required=False, label="Hours of their own", help_text="Else as the workspace works.")
    timezone = forms.CharField(
        required=False, max_length=60, label="Time zone", help_text="Such as Europe/Berlin. Empty: the workspace's."
    )
    capacity = forms.IntegerField(
        required=False, min_value=0, max_value=100_000, label="Most open leads", help_text="Empty: no limit."
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody", help_text="Stands in when away, and when they leave."
    )

    def __init__(self, data: Any = None, *, settings: WorkSettings, usual: Week, whole: bool) -> None:
        week = settings.hours or usual  # hours of their own begin as the workspace works
        initial: dict[str, Any] = {f"day_{number}": day for number, day in enumerate(week)}
        initial |= {
            "own_hours": settings.hours is not None,
            "timezone": settings.timezone,
            "capacity": settings.capacity,
            "substitute": settings.substitute_id,
        }
        super().__init__(data, initial=initial)
        self.settings = settings
        for number, name in enumerate(DAYS):
            self.fields[f"day_{number}"] = DayField(label=name)
        substitutes = people_to_assign(settings.substitute_id).exclude(pk=settings.user_id or 0)
        self.fields["substitute"].queryset = substitutes  # type: ignore[attr-defined]
        if settings.user_id is None:
            for name in ("own_hours", "capacity", "substitute"):
                del self.fields[name]
        elif not whole:
            del self.fields["capacity"]
        self.remember()

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{number}"] for number in range(7)]

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"].strip()
        if name and zone_named(name) is None:
            raise ValidationError("There is no such time zone.")
        return name

    def values(self) -> dict[str, Any]:
        """What services.teams takes."""
        names = [name for name in ("timezone", "capacity", "substitute") if name in self.fields]
        given: dict[str, Any] = {str(name): self.cleaned_data[name] for name in names}
        own = self.cleaned_data.get("own_hours", True)
        given["hours"] = [self.cleaned_data[f"day_{number}"] for number in range(7)] if own else None
        return given


class AbsenceForm(forms.ModelForm):
    class Meta:
        model = Absence
        fields = ("first_day", "last_day", "substitute", "note")
        widgets: ClassVar[dict[str, Any]] = {
            "first_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels: ClassVar[dict[str, str]] = {"first_day": "From", "last_day": "To", "note": "Note"}

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["substitute"]
        field.queryset, field.empty_label = people_to_assign().exclude(pk=user.pk), "Nobody, or their usual one"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("first_day"), found.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "An absence ends no sooner than it begins.")
        return found


class TeamForm(SeenForm):
    """A team: its name, who is in it, who leads it."""

    name = forms.CharField(max_length=100)
    members = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Members"
    )
    heads = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Who leads it",
        help_text="They are told when a lead of the team is not answered in time.",
    )

    def __init__(self, data: Any = None, *, team: Team) -> None:
        rows = list(team.memberships.all()) if team.pk else []
        initial = {
            "name": team.name,
            "members": [row.user_id for row in rows],
            "heads": [row.user_id for row in rows if row.leads_team],
        }
        super().__init__(data, initial=initial)
        self.team = team
        offered = people_to_assign(*(row.user_id for row in rows))
        for name in ("members", "heads"):
            self.fields[name].queryset = offered  # type: ignore[attr-defined]
        self.remember()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if Team.objects.filter(name=name).exclude(pk=self.team.pk).exists():
            raise ValidationError("There is a team of this name already.")
        return name

    def values(self) -> dict[str, Any]:
        """What services.teams takes; who leads it is in it."""
        heads = [user.pk for user in self.cleaned_data["heads"]]
        members = {user.pk for user in self.cleaned_data["members"]} | set(heads)
        return {"name": self.cleaned_data["name"], "members": sorted(members), "heads": heads}


class TerritoryForm(forms.ModelForm):
    class Meta:
        model = Territory
        fields = ("name",)
