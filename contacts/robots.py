"""Known robots and link scanners, by the name they give themselves: what they do is kept, and never counts."""

from __future__ import annotations

import re

# Whole names only, since telephones, apps and mail clients have words such as "monitor", "preview" or "scanner" in
# theirs too: what calls itself a robot; tools that fetch pages, which name themselves first; what watches sites; what
# draws previews of links; what looks at links in mails before people do. Of their makers who make browsers for people
# as well, only what says that it scans. Programs that fetch pictures when a person opens a mail (GoogleImageProxy,
# YahooMailProxy) are no robots: a person did open it. Nor is okhttp, with which apps on telephones report what people
# do in them. Cubot makes telephones.
NAMES = re.compile(
    r"(?<!cu)bots?\b|(?<!cu)bot[_-]|crawler\b|spider\b|\bslurp\b|\bheadless|phantomjs|puppeteer|playwright|\bselenium\b"
    r"|google-inspectiontool|googleother|mediapartners-google|feedfetcher-google|ia_archiver|microsoft office existence"
    r"|chrome-lighthouse|pingdom|uptimerobot|uptime-kuma|better uptime|statuscake|site24x7|datadogsynthetics|gtmetrix"
    r"|^(?:curl|wget|python-requests|python-urllib|python-httpx|aiohttp|httpx|go-http-client|java|libwww-perl|scrapy)/"
    r"|^apache-httpclient/\d|\baiohttp/|\bscrapy/|\bzgrab/|\bmasscan/|\bnuclei\b|censysinspect"
    r"|facebookexternalhit|^whatsapp/|skypeuripreview|bingpreview|google web preview|snap url preview"
    r"|slack-imgproxy|embedly"
    r"|\bbarracuda|\bproofpoint|\bmimecast|\bsafe ?links\b|\bmessagelabs\b|\bfireeye\b|\bforcepoint\b|\bironport\b"
    r"|\bmailguard\b|\bcloudmark\b|\burl ?defense\b|virustotal|\b(?:url|link|mail)[ _-]?scan(?:ner)?\b"
    r"|\b(?:symantec|sophos|bitdefender|trend ?micro|check ?point)[ _/-]?(?:url|link|web|e?mail)?[ _-]?"
    r"(?:scan|filter|gateway|reputation)",
    re.IGNORECASE,
)
LONGEST = 500


def is_robot(user_agent: object) -> bool:
    """Whether this user agent is of a known robot or scanner. What is no text, or empty, is not."""
    return isinstance(user_agent, str) and NAMES.search(user_agent[:LONGEST]) is not None
