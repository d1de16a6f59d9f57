"""Domains that are written in letters of several alphabets are told from those they look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadcrm.lib.domains import ascii_of, disguised, unicode_of


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("nina@\u0430pple.com", "xn--pple-43d.com"),  # its first letter is Cyrillic
        ("nina@paypa\u13de.example", "xn--paypa-dky.example"),  # a letter of Cherokee
        ("nina@\u0430\u0440\u0440\u04cf\u0435.com", "xn--80ak6aa92e.com"),  # all Cyrillic, but for .com
        ("nina@nordw\u03b9nd.example", "xn--nordwnd-znf.example"),  # a Greek iota
    ],
)
def test_what_looks_like_another_domain_is_named_as_the_network_has_it(address: str, plain: str) -> None:
    assert disguised(address) == plain


@pytest.mark.parametrize(
    "address",
    [
        "nina@nordwind.example",
        "nina@b\u00fccher.example",
        "nina@xn--pple-43d.com",  # is read as it is
        "nina@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",  # Cyrillic as a whole
        "nina@\u4f8b\u3048.jp",  # Chinese characters and Hiragana, as Japanese is written
        "\u0430nna@nordwind.example",
        "",
        "no address",
        "nina@" + "\u0430b" * 200 + ".example",  # no domain at all
    ],
)
def test_what_can_be_taken_for_no_other_is_left_alone(address: str) -> None:
    assert disguised(address) == ""


def test_both_ways_to_write_a_domain_are_one() -> None:
    assert ascii_of("B\u00dcCHER.example") == ascii_of("xn--bcher-kva.example") == "xn--bcher-kva.example"
    assert unicode_of("xn--bcher-kva.example") == unicode_of("b\u00fccher.example") == "b\u00fccher.example"


@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(ascii_of(text) + unicode_of(text) + disguised(f"a@{text}"), str)
