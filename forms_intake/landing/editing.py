"""Writing drafts of pages: making them; adding, ordering, copying and removing their blocks. One transaction each."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from contacts.models import MarketingContext, User
from forms_intake.building.definition import fingerprint
from forms_intake.errors import ChangedSince, PageGone, PageRefused
from forms_intake.landing.blocks import KINDS, summary
from forms_intake.landing.definition import (
    Block,
    Definition,
    Variant,
    forms_of,
    settings_of,
    variant_of,
    variants_of,
    with_new_id,
)
from forms_intake.landing.themes import THEMES
from forms_intake.models import LandingPage, PageForm, PageSlug, PageState, PageVersion
from forms_intake.spec.remembering import forget_specs

MOST_BLOCKS = 40
SLUG_CHARACTERS = 80


def locked(page_id: int, *, deleted: bool = False) -> LandingPage:
    """The page (`deleted`: even a deleted one), held against other editors until the transaction ends.

    Raises PageGone.
    """
    rows = LandingPage.objects.select_for_update(of=("self",), no_key=True).filter(pk=page_id)
    if not deleted:
        rows = rows.filter(deleted_at=None)
    page = rows.select_related("marketing_context", "version", "edited_by").first()
    if page is None:
        raise PageGone(page_id)
    return page


def write(page: LandingPage, by: User | None) -> None:
    """Keep the draft, and who edited it. The page must be held."""
    page.edited_at, page.edited_by = timezone.now(), by
    page.save(update_fields=["draft", "edited_at", "edited_by"])
    note_forms(page)


def note_forms(page: LandingPage) -> None:
    """Keep which forms the draft and what is live show; those they showed before stay the page's."""
    shown = forms_of(page.draft) | (forms_of(page.version.definition) if page.version else set())
    known = {use.form_id: use for use in PageForm.objects.filter(page=page)}
    PageForm.objects.bulk_create(
        [PageForm(page=page, form_id=pk) for pk in sorted(shown - known.keys())], ignore_conflicts=True
    )
    PageForm.objects.filter(page=page, shown=False, form__in=shown).update(shown=True)
    PageForm.objects.filter(page=page, shown=True).exclude(form__in=shown).update(shown=False)


def free_slug(wanted: str) -> str:
    """An address like `wanted` that no page has or had."""
    begin = (slugify(wanted) or "page")[: SLUG_CHARACTERS - 4].strip("-") or "page"
    taken = {
        *LandingPage.objects.filter(slug__startswith=begin).values_list("slug", flat=True),
        *PageSlug.objects.filter(slug__startswith=begin).values_list("slug", flat=True),
    }
    return next(slug for slug in [begin, *(f"{begin}-{n}" for n in range(2, 1000))] if slug not in taken)


@transaction.atomic
def make_page(
    *, name: str, definition: Definition, by: User | None, slug: str = "", like: MarketingContext | None = None
) -> LandingPage:
    """A new draft; `like` gives its campaign and product."""
    context = MarketingContext.objects.create(
        kind=MarketingContext.Kind.PAGE,
        name=name[:200],
        campaign_id=like.campaign_id if like else None,
        product_id=like.product_id if like else None,
    )
    page = LandingPage(title=name, slug=slug or free_slug(name), draft=definition, marketing_context=context)
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError:  # somebody took the address at the same moment
        page.slug = f"{page.slug[: SLUG_CHARACTERS - 7]}-{secrets.token_hex(3)}"
        page.save()
    write(page, by)
    return page


@transaction.atomic
def duplicate(*, page_id: int, by: User) -> LandingPage:
    """The same page once more, as a draft at another address. Raises PageGone."""
    page = locked(page_id)
    name = f"{page.title[:140]} (copy)"
    return make_page(name=name, definition=page.draft, by=by, slug=free_slug(page.slug), like=page.marketing_context)


def add_block(page: LandingPage, letter: str, kind: str, values: dict[str, Any]) -> Block:
    """A block at the end, but above a footer. The page must be held, and written afterwards. Raises PageRefused."""
    blocks = variant_of(page.draft, letter)["blocks"]
    _room_for(blocks, kind)
    block = with_new_id({"kind": kind, **values})
    place = len(blocks)
    if blocks and blocks[-1]["kind"] == "footer" and kind != "footer":
        place -= 1
    blocks.insert(place if kind != "hero" or any(one["kind"] == "hero" for one in blocks) else 0, block)
    return block


def find_block(page: LandingPage, letter: str, block_id: str) -> Block:
    """Raises PageGone."""
    variant = variant_of(page.draft, letter)
    block: Block = variant["blocks"][_place(variant, block_id, page.pk)]
    return block


@transaction.atomic
def move_block(*, page_id: int, letter: str, block_id: str, to: int, by: User) -> None:
    """Put a block in place `to`, counted from 0; beyond the ends is the end. Raises PageGone."""
    page = locked(page_id)
    variant = variant_of(page.draft, letter)
    place = _place(variant, block_id, page_id)
    block = variant["blocks"].pop(place)
    variant["blocks"].insert(max(0, to), block)
    if variant["blocks"].index(block) != place:
        write(page, by)


@transaction.atomic
def copy_block(*, page_id: int, letter: str, block_id: str, by: User) -> Block:
    """The same block once more, behind it. Raises PageGone, PageRefused."""
    page = locked(page_id)
    variant = variant_of(page.draft, letter)
    place = _place(variant, block_id, page_id)
    block = variant["blocks"][place]
    _room_for(variant["blocks"], block["kind"])
    twin = with_new_id(block)
    variant["blocks"].insert(place + 1, twin)
    write(page, by)
    return twin


@transaction.atomic
def remove_block(*, page_id: int, letter: str, block_id: str, seen: str, by: User) -> Block:
    """Remove a block, if it is as the person saw it. Raises ChangedSince, PageGone."""
    page = locked(page_id)
    variant = variant_of(page.draft, letter)
    block: Block = variant["blocks"].pop(_place(variant, block_id, page_id))
    if fingerprint(block) != seen:
        raise ChangedSince(f"“{summary(block) or KINDS[block['kind']].label}”", by=str(page.edited_by or ""))
    write(page, by)
    return block


@transaction.atomic
def choose_theme(*, page_id: int, letter: str, theme: str, by: User) -> None:
    """Raises PageGone, PageRefused."""
    if theme not in THEMES:
        raise PageRefused("There is no such theme.")
    page = locked(page_id)
    variant = variant_of(page.draft, letter)
    if variant["theme"] != theme:
        variant["theme"] = theme
        write(page, by)


@transaction.atomic
def choose_dark(*, page_id: int, dark: bool, by: User) -> None:
    """Whether the page is dark on devices that are, in all its variants. Raises PageGone."""
    page = locked(page_id)
    said = settings_of(page.draft)
    if said["dark"] != dark:
        page.draft["settings"] = said | {"dark": dark}
        write(page, by)


def keep_settings(page: LandingPage, values: dict[str, Any], by: User) -> None:
    """What a SettingsForm says: the draft's part waits for going live. The page must be held."""
    context = page.marketing_context
    context.campaign, context.product, context.name = values["campaign"], values["product"], values["name"][:200]
    context.save(update_fields=["campaign", "product", "name"])
    page.title = values["name"]
    if values["slug"] != page.slug:
        if page.version_id is not None:  # nobody knows where a draft is
            PageSlug.objects.get_or_create(slug=page.slug, defaults={"page": page})
        PageSlug.objects.filter(page=page, slug=values["slug"]).delete()
        page.slug = values["slug"]
    page.save(update_fields=["title", "slug"])
    settings = settings_of(page.draft)
    page.draft["settings"] = settings | {name: values[name] for name in settings if name in values}
    write(page, by)
    transaction.on_commit(forget_specs)


def must_be_as_seen(page: LandingPage, seen: str) -> None:
    """Raise ChangedSince unless the draft is what the person was shown."""
    if fingerprint(page.draft) != seen:
        raise ChangedSince(page.title, by=str(page.edited_by or ""))


def add_version(
    page: LandingPage, *, by: User | None, note: str = "", definition: Definition | None = None
) -> PageVersion:
    """Keep the draft (or `definition`) as the newest version, and show it to visitors. The page must be held."""
    last = page.versions.order_by("-number").values_list("number", flat=True).first() or 0
    page.version = PageVersion.objects.create(
        page=page, number=last + 1, definition=definition or page.draft, created_by=by, note=note[:200]
    )
    page.state = PageState.LIVE
    page.save(update_fields=["version", "state"])
    note_forms(page)
    return page.version


def _room_for(blocks: list[Block], kind: str) -> None:
    if len(blocks) >= MOST_BLOCKS:
        raise PageRefused(f"A page holds {MOST_BLOCKS} blocks at most.")
    if kind == "form" and any(one["kind"] == "form" for one in blocks):
        raise PageRefused("It has a form already, and a page shows one.")


def _place(variant: Variant, block_id: str, page_id: int) -> int:
    for place, block in enumerate(variant["blocks"]):
        if block["id"] == block_id:
            return place
    raise PageGone(page_id)


def letters_of(definition: Definition) -> list[str]:
    return [one["letter"] for one in variants_of(definition)]
