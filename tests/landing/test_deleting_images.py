"""Images of pages: looked through, and deleted once no page could show them any more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from forms_intake.landing import images
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import add_version, make_page, write
from forms_intake.models import LandingPage, PageImage
from tests.admin.pages import fields_on
from tests.build import a_user
from tests.landing.pictures import an_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia"))
    return client


def an_image(name: str = "fleet.png") -> PageImage:
    return images.take_image(file=an_upload(), name=name, alt="A lorry", by=a_user(Role.MARKETER))


def a_draft(name: str, *blocks: dict[str, Any]) -> LandingPage:
    return make_page(name=name, definition=new_definition(name, [{"kind": "text", "text": "x"}, *blocks]), by=None)


def delete(client: Client, image: PageImage) -> str:
    return client.post(f"/pages/images/{image.pk}/delete/", follow=True).content.decode()


def test_an_image_that_no_page_uses_is_deleted_and_makes_room_for_another(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, other = an_image(), an_image("lorry.png")
    a_draft("Plan", {"kind": "image", "image": other.pk, "alt": "A lorry"})
    monkeypatch.setattr(images, "MOST_IMAGES", 2)

    listed = marketer.get("/pages/images/").content.decode()
    said = delete(marketer, image)

    assert "fleet.png" in listed and f"/p/images/{image.key}-small.webp" in listed
    assert "fleet.png is deleted" in said
    assert list(PageImage.objects.all()) == [other]
    assert Client().get(f"/p/images/{image.key}-large.webp").status_code == 404
    an_image("new.png")
    assert PageImage.objects.count() == 2


def test_an_image_that_a_page_uses_or_used_stays_and_the_pages_are_named(marketer: Client) -> None:
    image = an_image()
    shown = {"kind": "image", "image": image.pk, "alt": "A lorry"}
    a_draft("In the draft", shown)
    was = a_draft("In a version", shown)
    add_version(was, by=None, note="")
    was.draft = new_definition("Plan", [])
    write(was, None)
    variant = a_draft("In a variant")
    variant.draft["variants"].append(variant.draft["variants"][0] | {"letter": "B", "blocks": [shown | {"id": "b"}]})
    write(variant, None)
    shared = a_draft("When shared")
    shared.draft["settings"]["social_image"] = image.pk
    write(shared, None)
    gone = a_draft("Deleted", shown)
    LandingPage.objects.filter(pk=gone.pk).update(archived_at=timezone.now(), deleted_at=timezone.now())
    a_draft("Another", {"kind": "image", "image": an_image("other.png").pk, "alt": "x"})

    said = delete(marketer, image)

    assert PageImage.objects.filter(pk=image.pk).exists()
    for name in ("In the draft", "In a version", "In a variant", "When shared", "Deleted"):
        assert name in said
    assert "fleet.png stays" in said and "Another" not in said.split("fleet.png stays")[1].split("</")[0]


def test_only_who_makes_pages_deletes_images(client: Client) -> None:
    image = an_image()
    client.force_login(a_user(Role.SALESPERSON, "sam"))

    assert client.get("/pages/images/").status_code == 403
    assert client.post(f"/pages/images/{image.pk}/delete/").status_code == 403
    assert client.get(f"/pages/images/{image.pk}/delete/").status_code in (403, 405)

    assert PageImage.objects.filter(pk=image.pk).exists()


def test_a_block_cannot_be_saved_with_an_image_that_is_deleted_meanwhile(marketer: Client) -> None:
    image, page = an_image(), a_draft("Plan")
    where = f"/pages/{page.pk}/blocks/new/?kind=image"
    chosen = fields_on(marketer.get(where)) | {"image": image.pk, "alt": "A lorry"}
    delete(marketer, image)

    answer = marketer.post(where, chosen)

    page.refresh_from_db()
    assert answer.status_code == 422 and "image" not in [one["kind"] for one in page.draft["variants"][0]["blocks"]]
