"""A submission becomes a contact, a lead and one interaction, and keeps the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Account,
    Change,
    Consent,
    ConsentLevel,
    Contact,
    CustomFieldType,
    Entity,
    Interaction,
    InteractionType,
    MatchKey,
)
from forms_intake.models import AfterClosed, Creates, FieldType, FormField, Submission, SubmissionState, Update
from leads.models import Lead, LeadEvent, LeadMatchKey, Status
from tests.build import a_campaign, a_contact, a_context, a_custom_field, a_form, a_page, a_product, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}
PHONE_AND_EMAIL = {"email": "contact.email", "phone": "contact.phone", "first_name": "contact.first_name"}


def decided(submission: Submission) -> dict[str, Any]:
    decision: dict[str, Any] = submission.decision or {}
    return decision


def closed(lead: Lead) -> Lead:
    Lead.objects.filter(pk=lead.pk).update(status=Status.DISQUALIFIED, closed_at=timezone.now())
    LeadMatchKey.objects.filter(lead=lead).delete()
    return lead


def test_a_first_submission_makes_contact_lead_and_interaction() -> None:
    owner = a_user()
    context = a_context("Demo form", "form", campaign=a_campaign("Autumn"), product=a_product("Routes"))
    form = a_form("Ask for a demo", marketing_context=context, topic="Route planning", lead_owner=owner)

    (submission,) = processed(a_submission(form, **NINA))

    assert (submission.state, submission.attempts, submission.error) == (SubmissionState.DONE, 1, "")
    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("Nina Lind", "nina@nordwind.example")
    assert not contact.marketing_only
    lead = Lead.objects.get()
    assert (lead.topic, lead.contact, lead.owner, lead.marketing_context) == ("Route planning", contact, owner, context)
    assert (lead.campaign, lead.product) == (context.campaign, context.product)
    assert lead.process is not None
    interaction = Interaction.objects.get()
    assert (interaction.type, interaction.subject) == (InteractionType.FORM_SUBMITTED, "Ask for a demo")
    assert interaction.occurred_at == submission.received_at
    assert (interaction.campaign, interaction.product) == (context.campaign, context.product)
    assert (submission.contact, submission.lead, submission.interaction) == (contact, lead, interaction)
    assert LeadEvent.objects.get().kind == LeadEvent.Kind.CREATED
    assert Change.objects.filter(subject="contact", subject_id=contact.pk).exists()
    assert decided(submission)["contact"] == {
        "strategy": "By e-mail",
        "key": "email: nina@nordwind.example",
        "candidates": [],
        "winner": contact.pk,
        "reason": "Nobody was known by this.",
    }


def test_a_second_submission_of_one_person_finds_both_again() -> None:
    form = a_form()
    first, second = processed(
        a_submission(form, **NINA), a_submission(form, **{**NINA, "email": " NINA@nordwind.EXAMPLE"})
    )

    assert Contact.objects.count() == Lead.objects.count() == 1
    assert Interaction.objects.count() == 2
    assert decided(second)["contact"]["winner"] == first.contact_id
    assert decided(second)["lead"]["reason"] == "An open lead has the same interest."
    assert LeadEvent.objects.count() == 1


def test_through_a_page_the_lead_is_about_the_pages_context() -> None:
    form = a_form()
    page = a_page(form)

    processed(a_submission(form, **NINA), a_submission(form, page, **NINA))

    assert {lead.marketing_context_id for lead in Lead.objects.all()} == {
        form.marketing_context_id,
        page.marketing_context_id,
    }
    assert Contact.objects.count() == 1


def test_by_default_only_what_is_empty_is_filled_and_blanks_erase_nothing() -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "city": "contact.city"})
    processed(a_submission(form, email="nina@nordwind.example", first_name="Nina"))
    before = Contact.objects.get()

    processed(a_submission(form, email="nina@nordwind.example", first_name="Somebody", city="Bergen"))
    processed(a_submission(form, email="nina@nordwind.example", first_name="", city=""))

    contact = Contact.objects.get()
    assert (contact.first_name, contact.city) == ("Nina", "Bergen")
    assert contact.version == before.version + 1


@pytest.mark.parametrize(
    ("update", "name", "city"),
    [(Update.OVERWRITE, "New", "New"), (Update.FILL, "Old", "New"), (Update.NEVER, "Old", "")],
)
def test_each_field_says_what_it_may_do_to_what_is_known(update: str, name: str, city: str) -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "city": "contact.city"})
    processed(a_submission(form, email="nina@nordwind.example", first_name="Old"))
    FormField.objects.filter(form=form).update(update=update)

    processed(a_submission(form, email="nina@nordwind.example", first_name="New", city="New"))

    contact = Contact.objects.get()
    assert (contact.first_name, contact.city) == (name, city)


def test_an_overwritten_phone_gives_up_its_key() -> None:
    form = a_form(fields=PHONE_AND_EMAIL, contact_attributes=["email"])
    a_form("By phone", contact_attributes=["phone"])
    FormField.objects.filter(form=form).update(update=Update.OVERWRITE)
    processed(a_submission(form, email="nina@nordwind.example", phone="+49 30 1234567"))
    processed(a_submission(form, email="nina@nordwind.example", phone="+49 30 7654321"))

    assert Contact.objects.get().phone_e164 == "+49307654321"
    assert set(MatchKey.objects.values_list("kind", "value")) == {
        ("email", "nina@nordwind.example"),
        ("phone", "+49307654321"),
    }


def test_a_new_phone_with_a_known_email_is_the_one_who_is_known() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    processed(a_submission(by_email, email="nina@nordwind.example"))

    (submission,) = processed(a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567"))

    contact = Contact.objects.get()
    assert contact.phone_e164 == "+49301234567"
    assert decided(submission)["contact"]["reason"] == "New by the form's matching strategy, but the e-mail is known."
    (again,) = processed(a_submission(by_phone, phone="+49301234567"))
    assert again.contact == contact


def test_two_people_who_share_a_phone_stay_two_where_the_form_matches_by_email() -> None:
    form = a_form(fields=PHONE_AND_EMAIL)
    a_form("By phone", contact_attributes=["phone"])

    processed(
        a_submission(form, email="nina@nordwind.example", phone="+49 30 1234567"),
        a_submission(form, email="ole@nordwind.example", phone="+49 30 1234567"),
    )

    assert Contact.objects.count() == 2
    assert MatchKey.objects.get(kind="phone").contact.email == "nina@nordwind.example"


def test_a_known_phone_with_somebody_elses_email_takes_nothing_from_either() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    FormField.objects.filter(form=by_phone).update(update=Update.OVERWRITE)
    processed(a_submission(by_phone, phone="+49 30 1234567", first_name="Ole"))
    processed(a_submission(by_email, email="nina@nordwind.example", first_name="Nina"))

    (submission,) = processed(a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567"))

    ole, nina = Contact.objects.order_by("pk")
    assert submission.contact == ole
    assert (ole.email, nina.email) == ("", "nina@nordwind.example")
    assert decided(submission)["contact"]["candidates"] == [ole.pk, nina.pk]


def test_many_of_one_batch_who_turn_out_to_be_someone_known_are_that_one() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    processed(a_submission(by_email, email="nina@nordwind.example"))

    submissions = [
        a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567", first_name=str(number))
        for number in range(20)
    ]
    submissions.append(a_submission(by_phone, phone="+49 30 1234567"))
    processed(*submissions)

    assert Contact.objects.count() == 1
    assert {submission.contact_id for submission in submissions} == {Contact.objects.get().pk}
    assert Interaction.objects.count() == 22


def test_a_deleted_contact_is_not_found_again() -> None:
    form = a_form()
    processed(a_submission(form, **NINA))
    Contact.objects.update(deleted_at=timezone.now())

    (submission,) = processed(a_submission(form, **NINA))

    assert submission.contact == Contact.objects.alive().get()
    assert submission.lead == Lead.objects.alive().get()


def test_a_contact_added_by_hand_is_found_by_its_key() -> None:
    contact = a_contact(email="nina@nordwind.example")
    MatchKey.objects.create(kind="email", value="nina@nordwind.example", contact=contact)

    (submission,) = processed(a_submission(**NINA))

    assert submission.contact == contact
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("after", list(AfterClosed))
def test_what_a_closed_lead_means_is_the_forms_to_say(after: str) -> None:
    form = a_form(after_closed=after)
    processed(a_submission(form, **NINA))
    lead = closed(Lead.objects.get())

    submissions = processed(
        *[
            a_submission(
                form,
                **NINA,
            )
            for _ in range(10)
        ]
    )

    lead.refresh_from_db()
    assert Interaction.objects.count() == 11
    assert Lead.objects.count() == (2 if after == AfterClosed.NEW else 1)
    assert lead.status == (Status.OPEN if after == AfterClosed.REOPEN else Status.DISQUALIFIED)
    if after == AfterClosed.NEW:
        assert Lead.objects.exclude(pk=lead.pk).get().related_lead == lead
    else:
        assert {submission.lead_id for submission in submissions} == {lead.pk}
    if after == AfterClosed.REOPEN:
        assert LeadEvent.objects.filter(kind=LeadEvent.Kind.REOPENED).count() == 1
        assert LeadMatchKey.objects.filter(lead=lead).exists()
    if after == AfterClosed.IGNORE:
        assert not LeadMatchKey.objects.exists()


def test_a_closed_lead_that_kept_its_keys_is_closed_all_the_same() -> None:
    form = a_form()
    processed(a_submission(form, **NINA))
    Lead.objects.update(status=Status.QUALIFIED)

    processed(a_submission(form, **NINA))

    assert Lead.objects.open().count() == 1
    assert LeadMatchKey.objects.get(kind="contact+marketing_context").lead == Lead.objects.open().get()


@pytest.mark.parametrize(
    ("attributes", "expected"), [(["contact", "marketing_context"], 2), (["contact", "campaign"], 1), ([], 3)]
)
def test_the_forms_lead_strategy_says_what_one_interest_is(attributes: list[str], expected: int) -> None:
    campaign = a_campaign()
    one = a_form("One", lead_attributes=attributes, marketing_context=a_context("One", "form", campaign=campaign))
    two = a_form("Two", lead_attributes=attributes, marketing_context=a_context("Two", "form", campaign=campaign))

    processed(a_submission(one, **NINA), a_submission(two, **NINA), a_submission(two, **NINA))

    assert Lead.objects.count() == expected
    assert Contact.objects.count() == 1


def test_without_a_campaign_the_context_tells_interests_apart() -> None:
    one = a_form("One", lead_attributes=["contact", "campaign"])
    two = a_form("Two", lead_attributes=["contact", "campaign"])

    processed(a_submission(one, **NINA), a_submission(two, **NINA), a_submission(two, **NINA))

    assert Lead.objects.count() == 2


def test_topic_is_said_once_and_the_description_filled_when_empty() -> None:
    form = a_form(fields={"email": "contact.email", "about": "lead.topic", "message": "lead.description"})
    FormField.objects.filter(key="about").update(update=Update.OVERWRITE)
    processed(a_submission(form, email="nina@nordwind.example", about="Trucks"))
    processed(a_submission(form, email="nina@nordwind.example", about="Ships", message="Please call"))

    lead = Lead.objects.get()
    assert (lead.topic, lead.description, lead.version) == ("Trucks", "Please call", 2)


def test_a_form_may_make_contacts_only() -> None:
    (submission,) = processed(a_submission(a_form(creates=Creates.CONTACT), **NINA))

    assert submission.contact == Contact.objects.get()
    assert submission.lead is None
    assert Interaction.objects.count() == 1


def test_custom_values_are_typed_and_one_that_does_not_fit_is_told() -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget"})

    good, bad = processed(
        a_submission(form, email="nina@nordwind.example", budget="1200"),
        a_submission(form, email="ole@nordwind.example", budget="a lot"),
    )

    assert Lead.objects.get().custom == {"budget": 1200}
    assert (good.state, bad.state) == (SubmissionState.DONE, SubmissionState.FAILED)
    assert bad.error.startswith("Budget: ")


def test_consents_are_kept_in_the_words_that_were_seen() -> None:
    form = a_form()
    words = "Yes, send me news."
    FormField.objects.create(
        form=form, key="news", label=words, type=FieldType.CONSENT, consent_level=ConsentLevel.MARKETING, position=9
    )
    submission = a_submission(form, **NINA, news=True)
    submission.origin = {"ip": "198.51.100.7"}
    submission.save()
    processed(submission, a_submission(form, **NINA, news=False))

    consent = Consent.objects.get()
    assert (consent.level, consent.wording, consent.ip, consent.given) == (4, words, "198.51.100.7", True)
    assert Contact.objects.get().consent_level == ConsentLevel.MARKETING


def company_form(name: str = "Companies") -> Any:
    return a_form(name, fields={"email": "contact.email", "company": "account.name", "web": "account.domain"})


def test_people_of_one_company_share_an_account() -> None:
    form = company_form()
    processed(
        a_submission(form, email="nina@nordwind.example", company="Nordwind"),
        a_submission(form, email="ole@nordwind.example", company="NORDWIND  AG"),
        a_submission(form, email="pia@gmail.com", company="nordwind"),
        a_submission(form, email="rita@gmail.com", web="https://www.Nordwind.example/about"),
    )
    account = Account.objects.get()
    assert (account.name, account.domain) == ("Nordwind", "nordwind.example")
    assert set(Contact.objects.values_list("account", flat=True)) == {account.pk}


def test_a_mail_providers_domain_is_nobodys_company() -> None:
    form = company_form()
    processed(
        a_submission(form, email="nina@gmail.com", company="Nordwind"),
        a_submission(form, email="ole@gmail.com", company="Sudwind"),
        a_submission(form, email="pia@gmail.com"),
    )

    assert set(Account.objects.values_list("name", "domain")) == {("Nordwind", ""), ("Sudwind", "")}
    assert Contact.objects.get(email="pia@gmail.com").account is None


def test_a_contact_keeps_the_account_it_has() -> None:
    form = company_form()
    processed(a_submission(form, email="nina@gmail.com", company="Nordwind"))
    processed(a_submission(form, email="nina@gmail.com", company="Sudwind"))

    assert Contact.objects.get().account == Account.objects.get(name="Nordwind")


def test_nothing_to_know_anybody_by_is_a_reason() -> None:
    (submission,) = processed(a_submission(first_name="Nina"))

    assert submission.state == SubmissionState.FAILED
    assert "e-mail" in submission.error
    assert not Contact.objects.exists()
    assert not Interaction.objects.exists()


def test_one_that_fails_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form()
    poison = a_submission(form, **{**NINA, "first_name": "x" * 200})
    good = [a_submission(form, email=f"n{number}@nordwind.example") for number in range(5)]
    boom = a_submission(form, email="boom@nordwind.example", first_name="\\u0000")
    monkeypatch.setattr("forms_intake.processing.intents._agreed", explode_for(boom.payload))

    processed(poison, boom, *good)

    assert poison.state == SubmissionState.FAILED
    assert "100 characters" in poison.error
    assert boom.state == SubmissionState.FAILED
    assert "ZeroDivisionError" in boom.error
    assert {submission.state for submission in good} == {SubmissionState.DONE}
    assert Contact.objects.count() == 5


def explode_for(payload: dict[str, Any]) -> Any:
    def agreed(form: Any, said: dict[str, Any]) -> list[Any]:
        return [1 // 0] if said == payload else []

    return agreed


def test_processing_again_adds_no_second_interaction() -> None:
    (submission,) = processed(a_submission(**NINA))
    submission.state = SubmissionState.PENDING
    submission.save()
    processed(submission)

    assert submission.state == SubmissionState.DONE
    assert Interaction.objects.count() == 1
    assert submission.received_at > timezone.now() - timedelta(minutes=1)


def test_the_number_of_statements_does_not_grow_with_the_batch(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    for number in range(60):
        a_submission(form, email=f"n{number}@d{number % 7}.example", company=f"Firm {number % 7}")

    with django_assert_max_num_queries(45):
        processed()

    assert Lead.objects.count() == 60
    assert Account.objects.count() == 7


def test_a_mail_provider_as_website_makes_no_account() -> None:
    form = a_form(fields={"email": "contact.email", "web": "account.domain"})

    (submission,) = processed(a_submission(form, email="nina@gmail.com", web="gmail.com"))

    assert submission.state == SubmissionState.DONE
    assert not Account.objects.exists()


def test_a_domain_longer_than_a_name_names_its_account_in_short() -> None:
    form = a_form(fields={"email": "contact.email", "web": "account.domain"})
    domain = ".".join(["a" * 60] * 4) + ".de"

    processed(a_submission(form, email="nina@gmail.com", web=domain))

    account = Account.objects.get()
    assert (account.name, account.domain) == (domain[:200], domain)


def test_an_answer_for_an_archived_custom_field_stays_on_the_submission_only() -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER, archived=True)
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget"})

    (submission,) = processed(a_submission(form, email="nina@nordwind.example", budget="12"))

    assert submission.state == SubmissionState.DONE
    assert submission.payload["budget"] == "12"
    assert Lead.objects.get().custom == {}
