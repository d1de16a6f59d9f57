"""Mail providers that say nothing about where somebody works: their domains never make or find an account."""

from __future__ import annotations

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


def free_mail() -> frozenset[str]:
    """The domains of mail providers."""
    return FREE_MAIL


def company_domain(email: str) -> str:
    """The domain of a normalised e-mail address, "" when it is a mail provider's."""
    domain = email.rpartition("@")[2].removeprefix("www.")
    return "" if domain in FREE_MAIL else domain
