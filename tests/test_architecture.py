"""What the import contract cannot see: keys, migrations, and templates that must obey the same directions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from tests import templates

ROOT = Path(__file__).resolve().parent.parent
HEIGHT = {"contacts": 1, "leads": 2, "segments": 3, "scoring": 3, "forms_intake": 4}
"""Which storey an app stands on. What belongs to Django lies below all of them."""
PACKAGES = ["leadcrm", *(name for name in HEIGHT if (ROOT / name).is_dir())]


def points_down(origin: str, target: str) -> bool:
    """Whether something of app `origin` may depend on something of app `target`."""
    return origin == target or HEIGHT.get(target, 0) < HEIGHT[origin]


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in HEIGHT]


@dataclass(frozen=True)
class Relation:
    """A foreign key or the like: from which app, to which, and whether the other side can be asked for it."""

    name: str
    origin: str
    target: str
    hidden: bool


def relations() -> list[Relation]:
    found = []
    for model in our_models():
        for field in (*model._meta.fields, *model._meta.many_to_many):
            other = field.remote_field
            if other is not None and other.model._meta.app_label in HEIGHT:
                hidden = str(other.related_name or "").endswith("+")
                found.append(Relation(str(field), model._meta.app_label, other.model._meta.app_label, hidden))
    return found


def our_sources() -> list[Path]:
    return [file for name in PACKAGES for file in sorted((ROOT / name).rglob("*.py"))]


def migration_files() -> list[Path]:
    return [file for file in our_sources() if file.parent.name == "migrations" and file.name != "__init__.py"]


def test_siblings_and_storeys_are_told_apart() -> None:
    assert points_down("forms_intake", "contacts")
    assert not points_down("contacts", "leads")
    assert not points_down("scoring", "segments")


def test_foreign_keys_point_down() -> None:
    assert len(relations()) > 20
    assert [key.name for key in relations() if not points_down(key.origin, key.target)] == []


def test_no_reverse_accessor_reaches_up() -> None:
    """`contact.leads` would be an upward import in disguise."""
    assert [key.name for key in relations() if key.origin != key.target and not key.hidden] == []


def test_migrations_depend_down() -> None:
    loader = MigrationLoader(None)
    upward = [
        f"{app}.{name} depends on {other}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in HEIGHT
        for other, _ in migration.dependencies
        if other in HEIGHT and not points_down(app, other)
    ]
    assert upward == []


@pytest.mark.parametrize("file", migration_files(), ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_migration_stands_alone_and_has_a_name(file: Path) -> None:
    """It must still run when today's code has gone."""
    imported = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            imported.append(node.module or ".")
        elif isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]

    ours = [name for name in imported if name.split(".")[0] in PACKAGES and not name.startswith("leadcrm.lib")]
    # Fields name the functions that make their defaults; Django's own writer imports those modules.
    defaults = {"contacts.models", "contacts.models.working", "leads.models", "scoring.models", "forms_intake.models"}
    defaults |= {"leadcrm.webhooks.models"}
    assert [name for name in ours if name not in defaults] == []
    assert "auto" not in file.stem


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_imported_inside_functions(package: str) -> None:
    """Ruff says so too; this sees through `noqa`."""
    inside = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / package).rglob("*.py"))
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_no_model_signals_are_used() -> None:
    users = [
        str(file.relative_to(ROOT))
        for file in our_sources()
        if any(
            words in file.read_text() for words in ("django.db.models.signals", "django_fsm.signals", "post_transition")
        )
    ]
    assert users == []


@pytest.mark.parametrize("file", templates.files(), ids=templates.name_of)
def test_a_template_holds_no_style_and_no_script(file: Path) -> None:
    assert templates.inline_code(file.read_text()) == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('<p style="color: red">', ["an inline style"]),
        ("<p\n  onclick='go()'>", ["an on... attribute"]),
        ("<script>go()</script>", ["an inline script"]),
        ("<style>p {}</style>", ["a style element"]),
        ('<script src="/static/js/app.js" defer></script>', []),
        ('<p data-style="x" class="once">style=</p>', []),
    ],
)
def test_inline_code_is_seen(text: str, refused: list[str]) -> None:
    assert templates.inline_code(text) == refused
