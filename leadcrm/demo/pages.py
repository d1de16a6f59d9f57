"""What the demo's landing pages say, block by block."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from contacts.models import User
from forms_intake.landing.definition import Definition, new_definition, new_variant
from forms_intake.landing.editing import add_version
from forms_intake.landing.statistics import planned
from forms_intake.models import LandingPage, PageTest, PageVisits

FOOTER: dict[str, Any] = {
    "kind": "footer",
    "text": "Kestrane moves fleets since 2011. Lindenstraße 12, 10969 Berlin.",
    "label_1": "Imprint",
    "link_1": "https://kestrane.example/imprint",
    "label_2": "Privacy",
    "link_2": "https://kestrane.example/privacy",
    "label_3": "Talk to us",
    "link_3": "mailto:hello@kestrane.example",
}
DEMO: list[dict[str, Any]] = [
    {
        "kind": "columns",
        "heading": "What thirty minutes show you",
        "title_1": "Your orders, planned",
        "body_1": "Send us a day of them before we meet. You see **your** tours, not an example.",
        "title_2": "What it saves",
        "body_2": "Miles, hours and vehicles beside what you drove that day, with every assumption open.",
        "title_3": "What it takes",
        "body_3": "Most fleets plan with it after *nine working days*. We tell you what would hold you up.",
    },
    {
        "kind": "testimonial",
        "quote": "We planned two hundred stops by hand, every evening. Now we look over a plan at four and go home.",
        "name": "Ilse Brandt",
        "role": "Head of dispatch, Nordwind Logistik",
    },
    {
        "kind": "text",
        "heading": "Questions people ask first",
        "text": "**Do we have to change our system?** No. Orders come from yours, tours go back to it.\n\n"
        "**Who looks at our data?** The two of us in the meeting. We delete it the day after, unless you go on.\n\n"
        "**What does it cost?** From 19 euros a vehicle and month; [ask for prices](https://kestrane.example/prices).",
        "ground": "tint",
    },
]
GUIDE: list[dict[str, Any]] = [
    {
        "kind": "text",
        "heading": "What is in it",
        "text": "- Which loggers hold up to an audit, and which do not\n- Alarms that drivers answer\n"
        "- A checklist for the first pharma customer\n- What GDP, HACCP and ATP ask for, on one page each",
    },
    {
        "kind": "columns",
        "heading": "Written from 4,200 tours",
        "title_1": "1 in 31",
        "body_1": "deliveries left its range for longer than ten minutes. Nearly all at the ramp.",
        "title_2": "6 minutes",
        "body_2": "pass between an alarm and the first answer, where drivers are called instead of written to.",
        "title_3": "24 pages",
        "body_3": "with every source named, and nothing to sell on them.",
    },
    {
        "kind": "testimonial",
        "quote": "The audit took a morning. The year before it took a week.",
        "name": "Dr. Amira Haddad",
        "role": "Quality, Apotheken-Express Süd",
        "ground": "tint",
    },
]
PRICES: list[dict[str, Any]] = [
    {
        "kind": "columns",
        "heading": "What is in every price",
        "title_1": "Positions, live",
        "body_1": "Every vehicle on the map within four seconds, on the road and in the yard.",
        "title_2": "No contract for years",
        "body_2": "Monthly, by vehicle. Park it for the winter and you do not pay for it.",
        "title_3": "Somebody who answers",
        "body_3": "By telephone, from six in the morning, in your language.",
    },
    {
        "kind": "testimonial",
        "quote": "Three offers came. Only one had a number on the first page.",
        "name": "Jonas Weck",
        "role": "Owner, Weck Kühltransporte, 41 vehicles",
        "ground": "tint",
    },
]
FURTHER = {"demo": DEMO, "cold-chain-guide": GUIDE, "prices": PRICES}
MORE_WORDS = {
    "demo": "\n\n- No slides, and no sales talk before you have seen it\n- Your data stays yours\n"
    "- Bring whoever plans today",
    "prices": "\n\n- An answer within one working day\n- For 5 vehicles or 5,000",
    "cold-chain-guide": "\n\nWe read the loggers of 4,200 tours, asked eleven auditors, and wrote down what held.",
}
THEMES = {
    "demo": "clear",
    "prices": "signal",
    "cold-chain-guide": "paper",
    "driver-webinar": "signal",
    "empty-miles": "clear",
    "newsletter": "meadow",
}
EYEBROWS = {"cold-chain-guide": "Guide, 24 pages", "driver-webinar": "Webinar", "prices": "Fleet tracking"}


def definition_of(*, slug: str, title: str, body: str, button: str, form_id: int) -> Definition:
    """A page of the demo: the opening with its form, and for some of them more."""
    blocks: list[dict[str, Any]] = [
        {"kind": "hero", "heading": title, "text": body + MORE_WORDS.get(slug, ""), "eyebrow": EYEBROWS.get(slug, "")},
        {"kind": "form", "form": form_id, "button": button, "beside": True},
        *FURTHER.get(slug, []),
        FOOTER,
    ]
    made = new_definition(title, blocks, THEMES.get(slug, ""))
    made["settings"]["description"] = body.split("\n\n", maxsplit=1)[0]
    return made


TESTED = "prices"
"""Is under test: its first heading against one that names a price."""
TEST_DAYS, OTHER_DAYS = 24, 30
"""So long visits are counted, of the page under test and of the others."""
LETTERS = "AB"
SEEN_A_DAY = {
    "demo": 118,
    "prices": 136,
    "newsletter": 62,
    "cold-chain-guide": 11,
    "empty-miles": 36,
    "driver-webinar": 8,
    "tourencheck": 7,
}


def letter_of(number: int) -> str:
    """The variant that the sender of this number saw: B convinces more."""
    return LETTERS[number % 12 >= 5]


def add_test(page: LandingPage, now: datetime, by: User) -> None:
    """Put another variant beside the first, and let the test have begun weeks ago."""
    first = page.draft["variants"][0]
    blocks = [dict(block) for block in first["blocks"]]
    blocks[0] |= {"heading": "From 19 euros a vehicle and month"}
    page.draft["variants"].append(new_variant("B", blocks, first["theme"], name="Names a price"))
    page.save(update_fields=["draft"])
    add_version(page, by=by, note="With a second heading, to see which convinces more.")
    began = now - timedelta(days=TEST_DAYS)
    page.versions.filter(number=2).update(created_at=began)
    page.versions.filter(number=1).update(created_at=began - timedelta(days=60))
    PageTest.objects.create(
        page=page,
        number=1,
        letters=list(LETTERS),
        expected=8.0,
        difference=45.0,
        planned=planned(0.08, 0.45),
        started_at=began,
        started_by=by,
    )


def make_visits(random: Random, now: datetime, pages: dict[str, LandingPage]) -> None:
    """How often the pages were seen lately; at weekends less."""
    today = timezone.localdate(now)
    rows = []
    for slug, page in pages.items():
        tested = slug == TESTED
        for back in range(TEST_DAYS if tested else OTHER_DAYS):
            day = today - timedelta(days=back)
            busy = (0.45 if day.weekday() >= 5 else 1.2) * random.uniform(0.75, 1.25)
            for letter in LETTERS if tested else ("",):
                seen = max(1, round(SEEN_A_DAY[slug] * busy * (0.5 if tested else 1)))
                rows.append(
                    PageVisits(
                        page=page,
                        day=day,
                        test=1 if tested else 0,
                        variant=letter,
                        visits=round(seen * 1.18) if tested else seen,
                        visitors=seen if tested else 0,
                    )
                )
    PageVisits.objects.bulk_create(rows)
