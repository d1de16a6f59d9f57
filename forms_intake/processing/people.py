"""Whose submission it is. Who was first is decided by the match keys' constraint, across strategies and writers.

The form's strategy is asked first, then the identities (e-mail, external id): a new key of the strategy with an
e-mail that belongs to somebody is that somebody. Fuzzy likeness decides nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from contacts import match_keys, normalise
from contacts.match_keys import IDENTITIES, Kind
from contacts.models import Consent, Contact, MatchKey
from contacts.privacy import tombstones
from forms_intake.errors import CannotProcess
from forms_intake.processing.agreeing import agreed_level, keep_consents, let_back, withdrawn_by
from forms_intake.processing.intents import Intent, Said
from forms_intake.processing.keys import asked_keys
from forms_intake.processing.locking import ALIVE, locked_shared
from forms_intake.processing.values import THEIRS, attribute, effect, put
from leadcrm.lib.claims import Key
from leadcrm.lib.rows import insert

ROUNDS = 6
"""A submission that met someone who turned out to be another is looked at again; so often at most."""


def match_contacts(
    intents: Sequence[Intent], kinds: list[Kind], find_companies: Callable[[Sequence[Intent]], dict[int, int]]
) -> None:
    """Give every intent its contact, made where nobody was known, filled as the form's fields allow.

    `find_companies` maps submission ids to the account each speaks of; it is asked once the contact keys are claimed,
    as the order of locks wants it. One round settles all but those who met a person
    of this very batch who turned out to be someone else already known.
    """
    waiting, companies = list(intents), None
    for _ in range(ROUNDS):
        if not waiting:
            return
        round = _Round(waiting, kinds)
        round.claim()
        companies = find_companies(intents) if companies is None else companies
        waiting = round.settle(companies)
    raise CannotProcess("Whose submission this is kept changing while it was being matched; please retry it.")


class _Round:
    """One pass: claim keys, see who owns them, make or fill the contacts, and say who must wait for the next."""

    def __init__(self, intents: list[Intent], kinds: list[Kind]) -> None:
        self.intents, self.kinds = intents, kinds
        self.companies: dict[int, int] = {}
        self.own: dict[int, int] = {}
        self.owners: dict[Key, int] = {}
        self.people: dict[int, Contact] = {}
        self.fresh: dict[int, Contact] = {}
        self.touched: dict[int, list[Intent]] = {}
        self.changed: dict[int, Contact] = {}
        self.lost: set[int] = set()
        self.became: dict[int, int] = {}
        self.withdrawn: dict[int, list[Consent]] = {}
        self.erased: dict[Key, datetime] = {}

    def settle(self, companies: dict[int, int]) -> list[Intent]:
        self.companies = companies
        later = [intent for intent in self.intents if not self._resolve(intent)]
        if self.lost:
            match_keys.release(sorted(self.lost))
        later += self._fill_known()
        insert(self.fresh.values())
        self._claim_gained()
        keep_consents(self.intents)
        return later

    def claim(self) -> None:
        ids = match_keys.allocate_contact_ids(len(self.intents))
        wanted = []
        for intent, contact_id in zip(self.intents, ids, strict=True):
            self.own[intent.submission.pk] = contact_id
            wanted += [(*key, contact_id) for key in intent.keys]
        self.owners = match_keys.claim(wanted)
        # Asked once the keys are claimed: whoever is being erased in this moment is by then.
        self.erased = tombstones.standing_over(self.owners)
        known = set(self.owners.values()) - set(ids)
        self.people = {contact.pk: contact for contact in Contact.objects.alive().filter(pk__in=known)}
        if gone := known - self.people.keys():
            # Deleted, but its keys stayed: they are free for whoever comes now.
            match_keys.release(sorted(gone))
            self.lost |= gone

    def _resolve(self, intent: Intent) -> bool:
        """Decide one intent, in the order of arrival; False when it must wait for the next round."""
        own = self.own[intent.submission.pk]
        asked = asked_keys(intent)
        owners = [self.owners[key] for key, _ in asked]
        # Whoever turned out to be someone else stands for them, if nothing else that was said points elsewhere.
        people = {self.became.get(owner, owner) for owner in owners} - {own}
        if people & self.lost or (len(people) > 1 and self.became.keys() & set(owners)):
            self.lost.add(own)
            return False
        owners = [self.became.get(owner, owner) for owner in owners]
        others = [owner for owner in dict.fromkeys(owners) if owner != own]
        winner = others[0] if others else own
        key, why = next(pair for pair, owner in zip(asked, owners, strict=True) if owner == winner)
        if winner == own:
            let_back(intent, self.erased)
            self.fresh[own] = self._new_contact(intent, own)
            why = "Nobody was known by this."
        else:
            self.lost.add(own)
            self.became[own] = winner
            self.touched.setdefault(winner, []).append(intent)
            if len(others) > 1:
                why += " Another contact is known by the rest of it; it was left alone."
        intent.contact_id, intent.contact_is_new = winner, winner == own
        intent.decision["contact"] = {
            "strategy": intent.form.contact_strategy.name,
            "key": f"{key[0]}: {key[1]}".replace("\n", ", "),
            "candidates": others,
            "winner": winner,
            "reason": why,
            "new": winner == own,
        }
        return True

    def _new_contact(self, intent: Intent, contact_id: int) -> Contact:
        contact = Contact(pk=contact_id, custom=intent.custom("contact"), **intent.values("contact"))
        contact.phone_e164 = normalise.phone(contact.phone) if contact.phone else ""
        contact.account_id = self.companies.get(intent.submission.pk)
        contact.consent_level = max((agreed.level for agreed in intent.agreed), default=0)
        return contact

    def _fill_known(self) -> list[Intent]:
        """Apply what was said to contacts that were there before, locked in id order so that none goes while we write.

        The intents whose contact was deleted meanwhile are given back.
        """
        for contact_id in self.touched.keys() & self.fresh.keys():
            if self._apply_all(self.fresh[contact_id]):
                self.changed[contact_id] = self.fresh[contact_id]
        known = sorted(self.touched.keys() - self.fresh.keys())
        self.withdrawn = self._withdrawn(known)
        changing = {contact_id for contact_id in known if self._apply_all(self.people[contact_id])}
        if not changing:
            return self._postponed(set(known) - locked_shared(ALIVE, known))
        changed_fields: set[str] = set()
        locked = Contact.objects.alive().filter(pk__in=known).order_by("pk").select_for_update(no_key=True)
        found = {contact.pk: contact for contact in locked}
        later = self._postponed(set(known) - found.keys())
        self.withdrawn = self._withdrawn(found)  # again, now that nobody can withdraw before we have written
        now = timezone.now()
        changed = [contact for contact in found.values() if contact.pk in changing]
        for contact in changed:
            changed_fields |= self._apply_all(contact)
            contact.version += 1
            contact.updated_at = now
            self.changed[contact.pk] = contact
        Contact.objects.bulk_update(changed, sorted(changed_fields | {"version", "updated_at"}))
        return later

    def _postponed(self, gone: Iterable[int]) -> list[Intent]:
        """The intents that had found one of these contacts, to be looked at again."""
        waiting = [intent for contact_id in gone for intent in self.touched.pop(contact_id)]
        for intent in waiting:
            intent.contact_id = 0
        return waiting

    def _withdrawn(self, contact_ids: Iterable[int]) -> dict[int, list[Consent]]:
        agreeing = [one for one in contact_ids if any(intent.agreed for intent in self.touched[one])]
        return withdrawn_by(agreeing)

    def _apply_all(self, contact: Contact) -> set[str]:
        changed = [self._apply(intent, contact) for intent in self.touched[contact.pk]]
        return set().union(*changed)

    def _apply(self, intent: Intent, contact: Contact) -> set[str]:
        """Put what one intent says on a contact as far as each field allows; which columns changed."""
        changed = set()
        wrote = intent.wrote["contact"] = []
        for said in intent.about("contact"):
            if not self._may_be_theirs(said, intent, contact):
                wrote.append({"field": attribute(said), "did": THEIRS})
                continue
            wrote.append(effect(contact, said))
            changed |= put(contact, said)
        if "phone" in changed:
            contact.phone_e164 = normalise.phone(contact.phone)
            changed.add("phone_e164")
        company = self.companies.get(intent.submission.pk)
        if company and contact.account_id is None:
            contact.account_id = company
            changed.add("account")
        level = agreed_level(intent, self.withdrawn.get(contact.pk, ()))
        if level > contact.consent_level:
            contact.consent_level = level
            changed.add("consent_level")
        return changed

    def _may_be_theirs(self, said: Said, intent: Intent, contact: Contact) -> bool:
        """An e-mail or external id that belongs to somebody else never comes to a second contact, nor does that of
        somebody who was erased.
        """
        if said.target.custom or said.target.name not in match_keys.IDENTITY_NAMES:
            return True
        keys = match_keys.keys_of({said.target.name: said.value}, IDENTITIES)
        own = self.own[intent.submission.pk]
        return all(
            (owner := self.owners.get(key)) == contact.pk or (owner == own and key not in self.erased) for key in keys
        )

    def _claim_gained(self) -> None:
        """Keys that contacts gained by being filled; those of values that were overwritten are given up."""
        wanted, kept = [], {}
        for contact_id, contact in self.changed.items():
            kept[contact_id] = match_keys.keys_of(match_keys.values_of(contact), self.kinds)
            wanted += [(*key, contact_id) for key in kept[contact_id]]
        missing = {wish for wish in wanted if self.owners.get(wish[:2]) != wish[2]}
        if missing:
            match_keys.claim(sorted(missing))
        stored = MatchKey.objects.filter(contact_id__in=kept, inherited=False) if kept else []
        old = [key.pk for key in stored if (key.kind, key.value) not in kept[key.contact_id]]
        if old:
            MatchKey.objects.filter(pk__in=old).delete()
