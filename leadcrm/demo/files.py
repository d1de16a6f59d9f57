"""A file that Maria has sent and not imported yet: the badges of a trade fair, with what a file usually has wrong."""

from __future__ import annotations

from contacts.models import User
from forms_intake.imports import sending
from forms_intake.models import ImportRun

FILE = "Fleet fair badges.csv"
BADGES = """E-mail;First name;Last name;Company;Job title;Country;Buying role;Trucks;Note
birte.sand@sandfracht.example;Birte;Sand;Sand Fracht;Head of dispatch;Germany;Decision maker;48;Wants a demo in January
k.oduya@lagoslines.example;Kemi;Oduya;Lagos Lines;Operations manager;Nigeria;Champion;120;Asked about fuel reports
pierre@transclair.example;Pierre;Clair;Transclair;Fleet manager;France;the boss;35;
not on the badge;Ana;Rui;Rui Cargas;Owner;Portugal;Decision maker;12;Call, she has no e-mail
m.holm@holmspedition.example;Mads;Holm;Holm Spedition;Driver;Denmark;User;9;
j.weber@weber-logistik.example;Jörg;Weber;Weber Logistik;Purchasing;Germany;Influencer;210;Compares three vendors
"""


def make_files(by: User) -> None:
    """The file, its columns recognised, waiting for somebody to look at it."""
    if not ImportRun.objects.filter(name=FILE).exists():
        sending.take(FILE, [BADGES.encode("cp1252")], mapping=None, by=by)
