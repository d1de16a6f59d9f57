"""Tokens let systems in for what they were given, as whom they were made, until they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from leadcrm.api.models import ApiToken
from leadcrm.api.scopes import SCOPES
from leadcrm.api.tokens import make_token, revoke_token
from leadcrm.lib.api.calling import Token
from tests.api.calling import ALL, Api, an_api, problem_of
from tests.build import a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db


def test_nobody_comes_in_without_a_token_in_force() -> None:
    ada = a_user(Role.ADMINISTRATOR)
    expired = make_token(name="Old", scopes=ALL, by=ada, role=Role.MARKETER, expires_at=timezone.now())[1]
    token, revoked = make_token(name="Gone", scopes=ALL, by=ada, role=Role.MARKETER)
    revoke_token(token.pk, by=ada)
    left = a_user(Role.MARKETER)
    theirs = make_token(name="Theirs", scopes=ALL, by=ada, user=left)[1]
    left.is_active = False
    left.save()
    nearly = an_api().words[:-1] + "!"

    for words in ("", "nonsense", "lcrm_12345678_" + "x" * 40, expired, revoked, theirs, nearly):
        response = Api(words).get("/products")
        assert problem_of(response)[:2] == (401, "unauthenticated"), words
        assert response["WWW-Authenticate"] == "Bearer"


def test_a_session_opens_no_api() -> None:
    client = Client()
    client.force_login(a_user(Role.ADMINISTRATOR))

    assert client.get("/api/v1/products").status_code == 401


def test_only_a_hash_is_kept_and_use_is_noted() -> None:
    api = an_api()
    api.get("/products")

    [token] = ApiToken.objects.all()
    assert token.last_used_at is not None
    assert api.words.encode() not in bytes(token.digest)
    assert api.words.split("_")[2] not in str(vars(token))


def test_a_scope_that_was_not_given_is_named() -> None:
    api = an_api(scopes=("leads:read",))

    assert api.get("/leads").status_code == 200
    assert api.get("/products").status_code == 200
    response = api.post("/leads", {"topic": "Routes"})
    assert problem_of(response)[:2] == (403, "insufficient_scope")
    assert response.json()["scope"] == "leads:write"


def test_scopes_of_operations_are_those_that_are_offered() -> None:
    described = Api("").get("/openapi.json").json()
    asked = {
        operation["x-scope"]
        for operations in described["paths"].values()
        for operation in operations.values()
        if isinstance(operation, dict)
    }

    assert asked - {""} == SCOPES.keys()
    assert Token().scope == ""


def test_a_token_has_the_sight_of_its_role() -> None:
    quiet = a_contact("Mara", marketing_only=True)
    hidden = a_lead(a_contact())
    ready = a_lead(a_contact(), sales_ready=True)
    own = a_user(Role.SALESPERSON)
    mine = a_lead(a_contact(), owner=own)
    sales, person, marketing = an_api(Role.SALESPERSON), an_api(user=own), an_api(Role.MARKETER)

    def ids(api: Api, path: str) -> set[int]:
        return {one["id"] for one in api.get(path).json()["items"]}

    assert ids(sales, "/leads") == {ready.pk}
    assert ids(person, "/leads") == {ready.pk, mine.pk}
    assert ids(marketing, "/leads") == {hidden.pk, ready.pk, mine.pk}
    assert quiet.pk in ids(marketing, "/contacts") and quiet.pk not in ids(sales, "/contacts")
    for path in (f"/leads/{hidden.pk}", f"/leads/{hidden.pk}/scores", f"/contacts/{quiet.pk}"):
        assert problem_of(sales.get(path))[0] == 404
    assert problem_of(sales.get("/segments"))[:2] == (403, "forbidden")
    assert problem_of(sales.get("/submissions"))[:2] == (403, "forbidden")


def test_a_refused_call_changes_nothing() -> None:
    anna, reader = a_user(Role.SALES_MANAGER), an_api(Role.READER)
    contact, lead = a_contact(owner=anna), a_lead(a_contact(), owner=anna, sales_ready=True)
    sales = an_api(Role.SALESPERSON)

    for api, status in ((reader, 403), (sales, 403)):
        contacts = api.patch(f"/contacts/{contact.pk}", {"city": "Kiel"}, **{"If-Match": "*"})
        leads = api.patch(f"/leads/{lead.pk}", {"topic": "Mine"}, **{"If-Match": "*"})
        closed = api.post(f"/leads/{lead.pk}/close", {"status": "qualified"})
        assert [problem_of(one)[0] for one in (contacts, leads, closed)] == [status] * 3
    assert problem_of(reader.post("/contacts", {"last_name": "Lind"}))[0] == 403
    contact.refresh_from_db()
    lead.refresh_from_db()
    assert (contact.city, lead.topic, lead.status) == ("", "Route planning", "open")


def test_calls_beyond_the_limit_are_told_when_to_go_on() -> None:
    words = make_token(name="Eager", scopes=ALL, by=a_user(Role.ADMINISTRATOR), role=Role.MARKETER, per_minute=2)[1]
    api = Api(words)

    assert [api.get("/products").status_code for _ in range(2)] == [200, 200]
    response = api.get("/products")
    assert problem_of(response)[:2] == (429, "too_many_requests")
    assert 1 <= int(response["Retry-After"]) <= 60


def test_administrators_make_tokens_on_a_page_that_shows_them_once(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    sent = {"name": "Webshop", "scopes": ["leads:write"], "acts_as": "itself", "role": "marketer", "per_minute": 60}

    refused = client.post("/integrations/tokens/new/", sent | {"role": "", "scopes": []})
    made = client.post("/integrations/tokens/new/", sent | {"expires_in": "30"})

    assert refused.status_code == 422 and b"Tick what it is for." in refused.content
    [token] = ApiToken.objects.all()
    words = made.context["words"]
    assert made["Cache-Control"] == "no-store" and words.encode() in made.content
    assert token.expires_at is not None and token.expires_at > timezone.now() + timedelta(days=29)
    assert Api(words).get("/products").status_code == 200
    assert words.encode() not in client.get("/integrations/tokens/").content
    client.post(f"/integrations/tokens/{token.pk}/revoke/")
    assert Api(words).get("/products").status_code == 401


def test_the_reference_says_every_operation(client: Client) -> None:
    client.force_login(a_user(Role.SALESPERSON))
    page = client.get("/integrations/reference/")
    described = Api("").get("/openapi.json").json()

    for operations in described["paths"].values():
        for operation in operations.values():
            assert f'id="{operation["operationId"]}"' in page.content.decode()
