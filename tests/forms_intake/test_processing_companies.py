"""Which account a submission speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import (
    Account,
    Contact,
)
from contacts.services.accounts import create_account
from forms_intake.models import SubmissionState
from tests.build import a_form
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


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


def test_new_companies_of_a_batch_are_made_by_domain_whoever_posted_first() -> None:
    """As imports make theirs: who makes the same ones at once waits, and neither waits for the other."""
    form = company_form()

    processed(
        *(
            a_submission(form, email=f"nina@{domain}.example", web=f"{domain}.example")
            for domain in ("ypsilon", "aland", "malmo")
        )
    )

    made = Account.objects.order_by("pk").values_list("domain", flat=True)
    assert list(made) == ["aland.example", "malmo.example", "ypsilon.example"]


def test_a_mail_providers_domain_is_nobodys_company() -> None:
    form = company_form()
    processed(
        a_submission(form, email="nina@gmail.com", company="Nordwind"),
        a_submission(form, email="ole@gmail.com", company="Sudwind"),
        a_submission(form, email="pia@gmail.com"),
    )

    assert set(Account.objects.values_list("name", "domain")) == {("Nordwind", ""), ("Sudwind", "")}
    assert Contact.objects.get(email="pia@gmail.com").account is None


@pytest.mark.parametrize("domain", ["xn--bcher-kva.example", "b\u00fccher.example"])
def test_a_company_is_known_by_its_domain_however_account_and_address_write_it(domain: str) -> None:
    account = create_account(name="B\u00fccher", domain=domain)
    form = company_form()

    processed(
        a_submission(form, email="nina@xn--bcher-kva.example"),
        a_submission(form, email="ole@b\u00fccher.example"),
        a_submission(form, email="pia@gmail.com", web="https://www.xn--bcher-kva.example/"),
    )

    assert set(Contact.objects.values_list("account", flat=True)) == {account.pk}
    assert Account.objects.count() == 1


def test_a_contact_keeps_the_account_it_has() -> None:
    form = company_form()
    processed(a_submission(form, email="nina@gmail.com", company="Nordwind"))
    processed(a_submission(form, email="nina@gmail.com", company="Sudwind"))

    assert Contact.objects.get().account == Account.objects.get(name="Nordwind")


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
