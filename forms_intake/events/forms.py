"""Editing events and sessions. Moments are typed in the event's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.utils.text import slugify

from contacts.models import Campaign, Product
from forms_intake.events.editing import context_taken
from forms_intake.models import Event, EventSession
from leadcrm.lib.edited_together import EditedTogether

YEARS = range(2000, 2200)
RESERVED_SLUGS = frozenset({"ticket"})


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    names = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix", "right", "SystemV"))
    )
    return tuple((name, name.replace("_", " ")) for name in names)


class MomentField(forms.CharField):
    """A day and time without a zone, as browsers send them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), max_length=30, **more)

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError("Write it as 2026-12-03 14:00.") from error
        if moment.tzinfo is not None or moment.year not in YEARS:
            raise forms.ValidationError("Write it as 2026-12-03 14:00.")
        return moment


def local_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as MomentField takes it."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" if moment else ""


def _set_moments(form: EditedTogether, zone: ZoneInfo) -> None:
    """What was typed as beginning and end, as moments of the form's record.

    They are compared as moments, as the database does: two times of one zone Python would compare by their hands,
    and in the night in which clocks go forward 02:30 is later than 03:15.
    """
    typed = {"starts_at": form.cleaned_data.get("begins"), "ends_at": form.cleaned_data.get("ends")}
    moments = {name: when.replace(tzinfo=zone).astimezone(UTC) for name, when in typed.items() if when}
    for name, moment in moments.items():
        setattr(form.instance, name, moment)
        if moment.astimezone(zone).replace(tzinfo=None) != typed[name]:
            field = "begins" if name == "starts_at" else "ends"
            form.add_error(field, "There is no such time on that day: clocks are put forward over it.")
    if len(moments) == len(typed) and moments["ends_at"] <= moments["starts_at"] and "begins" not in form.errors:
        form.add_error("ends", "It ends before it begins.")


class EventForm(EditedTogether):
    """An event; its sessions have forms of their own."""

    begins = MomentField(label="Begins")
    ends = MomentField(label="Ends")
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    online_url = forms.URLField(
        label="Online address",
        required=False,
        assume_scheme="https",
        help_text="Told to who is registered, and to nobody else.",
    )
    slug = forms.SlugField(
        label="Address",
        required=False,
        max_length=80,
        help_text="Its page is /e/…/; left empty it is made of the name.",
    )
    campaign = forms.ModelChoiceField(Campaign.objects.all(), required=False, empty_label="None")
    product = forms.ModelChoiceField(Product.objects.all(), required=False, empty_label="None")

    SECTIONS = (
        ("", ("name", "words")),
        ("When and where", ("begins", "ends", "time_zone", "place", "online_url")),
        ("Places", ("capacity", "waitlist", "invite_hours")),
        ("For people who come", ("organiser_email", "slug")),
        ("Where its leads come from", ("campaign", "product")),
    )

    class Meta:
        model = Event
        fields = [
            "name", "words", "time_zone", "place", "online_url", "capacity", "waitlist", "invite_hours",
            "organiser_email", "slug",
        ]  # fmt: skip
        widgets = {"words": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["time_zone"].choices = [("", f"The workspace's ({settings.TIME_ZONE})"), *_zones()]
        fields["waitlist"].required = False
        fields["invite_hours"].required = False
        event = self.instance
        if event.pk:
            context = event.marketing_context
            self.initial = {
                **self.initial,
                "begins": local_text(event.starts_at, event.zone),
                "ends": local_text(event.ends_at, event.zone),
                "campaign": context.campaign_id,
                "product": context.product_id,
            }

    def sections(self) -> Any:
        for heading, names in self.SECTIONS:
            yield heading, [self[name] for name in names]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if context_taken(name, self.instance):
            raise forms.ValidationError("There is an event of this name already; add the year, say.")
        return name

    def clean_waitlist(self) -> str:
        return self.cleaned_data["waitlist"] or "auto"

    def clean_invite_hours(self) -> int:
        hours = self.cleaned_data["invite_hours"]
        if hours is None:
            return 24
        if not 1 <= hours <= 24 * 30:
            raise forms.ValidationError("From one hour to thirty days, please.")
        return int(hours)

    def clean_online_url(self) -> str:
        url = str(self.cleaned_data["online_url"])
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Give an address that begins with https://.")
        return url

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]) or slugify(str(self.cleaned_data.get("name", "")))[:70] or "event"
        if slug in RESERVED_SLUGS:
            raise forms.ValidationError("This address is ours; take another.")
        taken = Event.objects.filter(slug=slug).exclude(pk=self.instance.pk)
        if taken.exists() and self.cleaned_data["slug"]:
            raise forms.ValidationError("Another event has this address.")
        return _free_slug(slug) if taken.exists() else slug

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        _set_moments(self, ZoneInfo(found.get("time_zone") or settings.TIME_ZONE))
        if not found.get("place") and not found.get("online_url") and "online_url" not in self.errors:
            self.add_error("place", "Say where it is, or give an online address.")
        return found


def _free_slug(slug: str) -> str:
    taken = set(Event.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(one for one in (f"{slug}-{n}" for n in range(2, 1000)) if one not in taken)


class SessionForm(EditedTogether):
    """One session of an event, in the event's time zone."""

    begins = MomentField(label="Begins")
    ends = MomentField(label="Ends")

    class Meta:
        model = EventSession
        fields = ["name", "room", "capacity"]

    field_order = ["name", "begins", "ends", "room", "capacity"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        event, session = self.instance.event, self.instance
        self.initial = {
            **self.initial,
            "begins": local_text(session.starts_at if session.pk else event.starts_at, event.zone),
            "ends": local_text(session.ends_at if session.pk else event.ends_at, event.zone),
        }

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = EventSession.objects.filter(event=self.instance.event_id, name__iexact=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another session of this event has this name.")
        return name

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        _set_moments(self, self.instance.event.zone)
        return found
