"""Admin pages as tests read and send them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.db import models
from django.urls import reverse


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class _Fields(HTMLParser):
    """What a browser would send of the forms on a page, as they stand; buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and kind not in {"submit", "button"}:
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self.found.setdefault(name, []).append(given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
            self.found.setdefault(name, [])
        elif tag == "option" and self.select and "selected" in given:
            self.found[self.select].append(given.get("value", ""))
        elif tag == "textarea":
            self.area = name
            self.found[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.found[self.area] = [self.found[self.area][0].removeprefix("\n").removeprefix("\r\n")]
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] = [self.found[self.area][0] + data]


def fields_on(page: Any, **typed: Any) -> dict[str, Any]:
    """The form of a page (a response) as a browser would post it, with some fields `typed` differently."""
    reader = _Fields()
    reader.feed(page.content.decode())
    return {**{name: values for name, values in reader.found.items() if values}, **typed}
