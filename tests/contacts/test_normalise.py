"""What two people typed is compared in one form."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import normalise


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        (" Nina.Lind@Example.COM ", "nina.lind@example.com"),
        ("ｎｉｎａ@example.com", "nina@example.com"),
        ("nina@xn--bcher-kva.example.com", "nina@bücher.example.com"),
        ("nina@firma.test", "nina@firma.test"),
        ("nina@", ""),
        ("nina lind@example.com", ""),
        ("nina@example.com\x00", "nina@example.com"),
        ("", ""),
    ],
)
def test_an_email_is_compared_whole_in_lower_case(typed, compared):
    assert normalise.email(typed) == compared
    assert normalise.email(compared) == compared


@pytest.mark.parametrize(
    ("typed", "region", "compared"),
    [
        ("+49 (0)30 1234567", "", "+49301234567"),
        ("030 123 4567", "DE", "+49301234567"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("12", "US", ""),
        ("none of your business", "US", ""),
        ("", "US", ""),
    ],
)
def test_a_phone_number_is_compared_with_its_country(typed, region, compared):
    assert normalise.phone(typed, region) == compared


@settings(max_examples=400)
@given(
    code=st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    rest=st.text("0123456789", min_size=3, max_size=13),
    region=st.sampled_from(["US", "DE", "IT", "AR"]),
)
def test_a_number_with_its_country_and_nothing_but_digits_is_what_the_library_says(code, rest, region):
    number = phonenumbers.parse(f"+{code}{rest}", region)
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    told = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if possible else ""

    assert normalise.phone(f"+{code}{rest}", region) == told


def test_names_are_compared_without_case_and_space_but_with_accents():
    assert normalise.name_key("  RENÉ \t van der  Berg ") == "rené van der berg"
    assert normalise.name_key("René") != normalise.name_key("Rene")


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("https://www.Nordwind.example/contact?x=1", "nordwind.example"),
        ("nordwind.example:8080", "nordwind.example"),
        ("WWW.nordwind.example.", "nordwind.example"),
        ("nordwind", ""),
        ("a@b.example", "b.example"),
        ("https://www.B\u00dcCHER.example/", "b\u00fccher.example"),
        ("https://www.XN--bcher-kva.example/", "b\u00fccher.example"),
        ("xn--.example", "xn--.example"),  # says nothing in letters
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_domain_is_what_is_left_of_an_address(typed, compared):
    assert normalise.domain(typed) == compared
    assert normalise.domain(compared) == compared


@given(st.text(min_size=1, max_size=20))
def test_a_domain_is_compared_as_that_of_an_address(name):
    address = normalise.email(f"a@{name}.example")
    if address:
        assert normalise.domain(f"{name}.example") == address.partition("@")[2].removeprefix("www.")
