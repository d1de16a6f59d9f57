"""What the columns of a file seem to mean, by their names, and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contacts.models import CustomField

NAMES: dict[str, str] = {
    "contact.email": "email mail emailaddress emailid primaryemail workemail businessemail contactemail epost courriel",
    "contact.external_id": "contactid personid customerid prospectid externalid id",
    "contact.first_name": "firstname givenname forename vorname prenom nombre first",
    "contact.last_name": "lastname surname familyname nachname nom apellido apellidos last",
    "contact.phone": "phone phonenumber telephone mobile mobilephone cell telefon tel workphone directphone",
    "contact.job_title": "jobtitle title position function jobposition funktion",
    "contact.role": "role buyingrole",
    "contact.country": "country countryname land pays pais",
    "contact.city": "city town ort stadt ville ciudad",
    "account.name": "company companyname account accountname organization organisation firm firma employer business",
    "account.domain": "domain website web companydomain companywebsite url homepage",
    "account.external_id": "accountid companyid",
    "account.industry": "industry sector branche",
    "account.employees": "employees numberofemployees companysize headcount staff",
    "account.phone": "companyphone accountphone mainphone",
    "account.country": "companycountry accountcountry",
    "account.city": "companycity accountcity",
    "lead.external_id": "leadid leadnumber",
    "lead.topic": "topic subject interest leadtopic leadname",
    "lead.description": "description notes note comment comments message remarks details",
    "lead.rating": "rating leadrating temperature",
    "lead.created_at": "createdat created createddate createdon creationdate date submittedat",
}
BY_NAME = {word: target for target, words in NAMES.items() for word in words.split()}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def plain(name: str) -> str:
    """A column's name as it is compared: letters and digits only."""
    return re.sub(r"[\W_]+", "", name.casefold())


def guess(header: Sequence[str], rows: Sequence[Sequence[str]], custom: Sequence[CustomField]) -> dict[str, str]:
    """Column to target ("contact.email", "lead.custom.budget") as far as names, or addresses in it, tell; each target
    once.
    """
    known = {plain(f"{field.entity}{word}"): field for field in custom for word in (field.key, field.label)}
    known |= {plain(word): field for field in custom for word in (field.key, field.label)}
    found: dict[str, str] = {}
    for index, column in enumerate(header):
        word = plain(column)
        field = known.get(word)
        target = BY_NAME.get(word) or (f"{field.entity}.custom.{field.key}" if field else "")
        if not target and _holds_addresses([row[index] for row in rows if index < len(row)]):
            target = "contact.email"
        if column and target and target not in found.values():
            found[column] = target
    return found


def _holds_addresses(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) >= 1 and sum(bool(ADDRESS.fullmatch(cell)) for cell in filled) * 10 >= len(filled) * 8
