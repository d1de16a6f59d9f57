"""Importing through the pages, as somebody would click."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from forms_intake.imports import jobs
from forms_intake.models import ImportRun


def send(client: Client, content: bytes, *, name: str = "people.csv", mapping: dict[str, Any] | None = None) -> Any:
    """Send a file; the answer."""
    files = {"file": SimpleUploadedFile(name, content)}
    if mapping is not None:
        files["mapping"] = SimpleUploadedFile("m.json", json.dumps(mapping).encode())
    return client.post(reverse("forms_intake:import_new"), files)


def begun(client: Client, content: bytes, **more: Any) -> ImportRun:
    """Send a file that is taken; its import."""
    answer = send(client, content, **more)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportRun.objects.latest("pk")


def page_of(client: Client, run: ImportRun) -> Any:
    """What the page of columns holds, as a browser would send it."""
    answer = client.get(reverse("forms_intake:import_columns", args=[run.pk]))
    form = answer.context["form"]
    said = {name: form[name].value() for name in form.fields}
    post = {name: value for name, value in said.items() if value not in (None, False)}
    for column in answer.context["columns"]:
        post[f"to-{column.index}"] = column.target
        post[f"update-{column.index}"] = column.update
        post[f"format-{column.index}"] = column.format
        post[f"kind-{column.index}"] = column.kind
        post |= {f"word-{column.index}-{number}": value for number, _, value in column.words}
    return post


def mapped(client: Client, run: ImportRun, **changes: Any) -> Any:
    """Save the page of columns, with `changes`, for leads unless these say otherwise; the answer."""
    post = page_of(client, run) | {"creates": "both"} | changes
    return client.post(reverse("forms_intake:import_columns", args=[run.pk]), post)


def do(client: Client, run: ImportRun, what: str) -> ImportRun:
    """Click on what can be done, and let a worker do it."""
    assert client.post(reverse("forms_intake:import_do", args=[run.pk, what])).status_code == 302
    while jobs.advance():
        pass
    run.refresh_from_db()
    return run


def workbook(*rows: list[Any]) -> bytes:
    """An Excel file of these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
