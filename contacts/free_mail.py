"""Mail providers that say nothing about where somebody works: their domains never make or find an account.

The shipped list, with what the workspace says otherwise: `MailDomain`, read at the beginning of each batch, run and
page that asks, so that `company_domain` itself asks nobody.
"""

from __future__ import annotations

from django.utils import timezone

from contacts import normalise
from contacts.errors import InvalidValues
from contacts.models import MailDomain, User
from leadcrm.lib.domains import ascii_of, unicode_of

FREE_MAIL = frozenset(
    """
    126.com 163.com aol.com bk.ru bol.com.br comcast.net duck.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com
    gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com
    inbox.ru laposte.net libero.it list.ru live.com live.de live.fr live.nl mac.com mail.com mail.de mail.ru mailbox.org
    me.com msn.com naver.com o2.pl onet.pl orange.fr outlook.com outlook.de outlook.fr posteo.de proton.me
    protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com seznam.cz sfr.fr sina.com t-online.de tutanota.com
    uol.com.br verizon.net virgilio.it wanadoo.fr web.de wp.pl ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk
    yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.in yahoo.it yandex.com yandex.ru ymail.com zoho.com
    """.split()  # noqa: SIM905
)


_in_force = FREE_MAIL


def free_mail() -> frozenset[str]:
    """The domains of mail providers, as last read."""
    return _in_force


def read_free_mail() -> frozenset[str]:
    """Read what the workspace says now, for this process to go by. One query."""
    global _in_force
    rows = MailDomain.objects.order_by("pk").values_list("domain", "is_free")
    said = {unicode_of(domain): is_free for domain, is_free in rows}
    added = {domain for domain, is_free in said.items() if is_free}
    _in_force = (FREE_MAIL | added) - (said.keys() - added)
    return _in_force


def say(domain: str, *, is_free: bool, by: User | None) -> str:
    """Say whether a domain is a mail provider's; the domain as it is compared. Raises InvalidValues."""
    plain = normalise.domain(domain)
    if not plain:
        raise InvalidValues({"domain": "This is not a domain such as example.com."})
    if (older := ascii_of(plain)) != plain:
        MailDomain.objects.filter(domain=older).delete()  # as it was kept once
    if (plain in FREE_MAIL) == is_free:
        MailDomain.objects.filter(domain=plain).delete()  # as shipped
    else:
        said = {"is_free": is_free, "said_by": by, "said_at": timezone.now()}
        MailDomain.objects.update_or_create(domain=plain, defaults=said)
    read_free_mail()
    return plain


def company_domain(email: str) -> str:
    """The domain of a normalised e-mail address, "" when it is a mail provider's."""
    domain = email.rpartition("@")[2].removeprefix("www.")
    return "" if domain in _in_force else domain
