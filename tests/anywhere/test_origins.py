"""Origins as people type them and as browsers send them, and lists of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from forms_intake.anywhere.origins import BadOrigin, as_sent, is_listed, origin_of


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("  HTTPS://WWW.Example.com/contact?x=1#form ", "https://www.example.com"),
        ("www.example.com", "https://www.example.com"),
        ("example.com:8443", "https://example.com:8443"),
        ("https://example.com:443/", "https://example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://*.example.com", "https://*.example.com"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]"),
    ],
)
def test_an_address_of_a_page_is_taken_as_the_origin_browsers_send(typed: str, origin: str) -> None:
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "", "*", "https://*", "https://*.com", "https://a.*.com", "javascript:alert(1)", "file:///etc/passwd",
        "https://user:word@example.com", "https://example.com; script-src *", "https://exa mple.com", "https://-a.com",
        "https://example.com:99999", "https://a,b.com", "https://*.192.0.2.7", "https://1.2.3", "null",
        "data:text/html,x", "https://" + "a" * 300, "https://exa\\mple.com", "https://a..b", "'none'", "https://*.co\nm",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_with_a_reason(typed: str) -> None:
    if typed == "null":  # a name like any other when a person types it, and never what a browser's "null" means
        assert as_sent(typed) == ""
        return
    with pytest.raises(BadOrigin) as refused:
        origin_of(typed)
    assert str(refused.value)


def test_a_wildcard_stands_for_subdomains_and_neither_the_domain_nor_its_lookalikes() -> None:
    listed = ["https://*.example.com"]
    assert is_listed("https://www.example.com", listed)
    assert is_listed("https://a.b.example.com", listed)
    for other in (
        "https://example.com",
        "https://evilexample.com",
        "https://example.com.evil.org",
        "http://www.example.com",
        "https://www.example.com:8443",
        "",
        "null",
    ):
        assert not is_listed(other, listed), other


@given(some.text(max_size=60))
def test_whatever_is_taken_can_stand_in_a_policy_and_is_taken_again_as_it_is(typed: str) -> None:
    try:
        origin = origin_of(typed)
    except BadOrigin:
        return
    assert not set(origin) & set(" ;,'\"\\\t\r\n") and origin.isascii()
    assert origin_of(origin) == origin


@given(
    some.sampled_from(["https://example.com", "https://a.example.com", "http://example.com"]), some.text(max_size=30)
)
def test_only_what_stands_on_the_list_is_listed(listed: str, added: str) -> None:
    sent = as_sent(listed + added)
    assert is_listed(sent, [listed]) == (sent == listed)
