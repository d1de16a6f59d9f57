"""Known robots and link scanners, by the name they give themselves: what they do is kept, and never counts."""

from __future__ import annotations

import re

# What calls itself a robot; tools that fetch pages; what looks at links in mails before people do. Programs that fetch
# pictures when a person opens a mail (GoogleImageProxy, YahooMailProxy) are no robots: a person did open it.
# Cubot makes telephones.
NAMES = re.compile(
    r"(?<!cu)bots?\b|(?<!cu)bot[_-]|crawl|spider|slurp|scanner|\bscan\b|preview|headless|phantomjs|puppeteer|playwright|selenium"
    r"|lighthouse|pingdom|uptime|monitor"
    r"|\bcurl/|\bwget/|python-requests|python-urllib|aiohttp|httpx|go-http-client|okhttp|java/|libwww|scrapy|apache-http"
    r"|facebookexternalhit|whatsapp|skypeuripreview|slack-imgproxy|embedly"
    r"|barracuda|proofpoint|mimecast|safelinks|safe links|messagelabs|symantec|fireeye|forcepoint|trend ?micro|sophos"
    r"|ironport|mailguard|cloudmark|urldefense|checkpoint|virustotal|bitdefender",
    re.IGNORECASE,
)
LONGEST = 500


def is_robot(user_agent: object) -> bool:
    """Whether this user agent is of a known robot or scanner. What is no text, or empty, is not."""
    return isinstance(user_agent, str) and NAMES.search(user_agent[:LONGEST]) is not None
