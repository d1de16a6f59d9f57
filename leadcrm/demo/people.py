"""Who works in the demo workspace."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from contacts.models import Role, User

DEMO_PASSWORD = "lead-the-way"  # noqa: S105  (shown at every start with demo data)
PEOPLE = {
    "maria": ("Maria", "Marsh", Role.MARKETER),
    "theo": ("Theo", "Tell", Role.TELEPROSPECTOR),
    "sam": ("Sam", "Sellers", Role.SALESPERSON),
    "mona": ("Mona", "Mann", Role.SALES_MANAGER),
    "ada": ("Ada", "Adler", Role.ADMINISTRATOR),
    "rita": ("Rita", "Reed", Role.READER),
}
"""By user name: first name, last name, role."""


def make_people() -> dict[str, User]:
    """The demo's users by user name, made where missing; who is there already stays as they are."""
    found = User.objects.in_bulk(list(PEOPLE), field_name="username")
    if len(found) < len(PEOPLE):
        password = make_password(DEMO_PASSWORD)
        for username, (first, last, role) in PEOPLE.items():
            if username not in found:
                administers = role == Role.ADMINISTRATOR
                found[username] = User.objects.create(
                    username=username,
                    first_name=first,
                    last_name=last,
                    email=f"{username}@demo.example",
                    role=role,
                    password=password,
                    is_staff=administers,
                    is_superuser=administers,
                )
    return found


COLLEAGUES = {"lena": ("Lena", "Lorenz"), "raj": ("Raj", "Rao")}
"""Salespeople who share the work; nobody signs in as them."""


def make_colleagues() -> dict[str, User]:
    """The other salespeople, by user name."""
    return {
        username: User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@demo.example",
                "role": Role.SALESPERSON,
                "password": make_password(None),
            },
        )[0]
        for username, (first, last) in COLLEAGUES.items()
    }
