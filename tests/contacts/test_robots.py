"""What robots and link scanners do is kept, and never counts; what is delivered six times counts once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from contacts.models import Interaction, InteractionType
from contacts.robots import is_robot
from contacts.services.interactions import log_interaction
from leads.conditions import compile_condition, lead_vocabulary, parse
from leads.models import Lead
from tests.build import a_lead, a_model, a_rule, an_account
from tests.scoring.helpers import live, score_of, work

CLICK = InteractionType.EMAIL_CLICKED
BARRACUDA = "Mozilla/5.0 (compatible; BarracudaCentral 1.0)"


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "Slackbot-LinkExpanding 1.0",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0",
        BARRACUDA,
        "Mimecast-URL-Scanner",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) BingPreview/1.0b",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0 A",
        "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Mozilla/5.0 (compatible; Pingdom.com_bot_version_1.4)",
        "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36 Chrome-Lighthouse",
        "Go-http-client/2.0",
        "Java/17.0.2",
        "Apache-HttpClient/4.5.13 (Java/1.8.0_292)",
        "Mozilla/5.0 zgrab/0.x",
        "Microsoft Office Existence Discovery",
        "Symantec-URL-Scanner/1.0",
    ],
)
def test_robots_and_scanners_are_known_by_name(agent: str) -> None:
    assert is_robot(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        None,
        17,
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG 9) Chrome/130.0 Mobile Safari/537.36",
        "Mozilla/5.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        "okhttp/4.12.0",
        "AcmeShop/5.2 (Android 14; Pixel 8) okhttp/4.12.0",
        "GlucoseMonitor/3.1 CFNetwork/1494.0.7 Darwin/23.4.0",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) Chrome/124.0 Mobile Safari/537.36 CamScanner/6.4",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 MailPreview/2.0",
        "Mozilla/5.0 (X11; Linux x86_64) Thunderbird/128.0 Lightning java/17",
        "Columba/1.4 (Linux; Java/1.8.0_292)",
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Outlook 16.0.5134; Pro) Trident/7.0",
        "Mozilla/5.0 (Linux; Android 12) Chrome/120.0 Mobile Safari/537.36 Lighthouse/2.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148 Instagram 325.0",
        "Mozilla/5.0 (Linux; Android 14; wv) Version/4.0 Chrome/126.0 Mobile Safari/537.36 Bitdefender/3.3",
    ],
)
def test_people_are_not_robots(agent: object) -> None:
    assert not is_robot(agent)


def contact_of(lead: Lead) -> int:
    assert lead.contact_id is not None
    return lead.contact_id


@pytest.mark.django_db
def test_what_a_robot_did_is_kept_but_neither_scores_nor_meets_a_condition() -> None:
    lead, model = a_lead(), a_model()
    a_rule(model, 10, interaction_type=CLICK)
    a_rule(model, 5, condition={"did": CLICK})
    live(model)

    by_robot = log_interaction(contact_id=contact_of(lead), type=CLICK, user_agent=BARRACUDA)
    by_scanner = log_interaction(contact_id=contact_of(lead), type=CLICK, payload={"user_agent": "curl/8.5.0"})
    work()

    assert by_robot.robot and by_scanner.robot and Interaction.objects.count() == 2
    assert score_of(lead) == 0
    did = parse({"did": CLICK}, lead_vocabulary())
    assert not Lead.objects.filter(compile_condition(did, lead_vocabulary(), now=timezone.now())).exists()

    log_interaction(contact_id=contact_of(lead), type=CLICK, user_agent="Mozilla/5.0 Firefox/140.0")
    work()
    assert score_of(lead) == 15


@pytest.mark.django_db
def test_nor_for_the_lead_of_an_account() -> None:
    account = an_account()
    lead = a_lead(None, account=account)
    colleague = a_lead().contact
    assert colleague is not None
    type(colleague).objects.filter(pk=colleague.pk).update(account=account)
    model = a_model(target="account")
    a_rule(model, 10, interaction_type=CLICK)
    live(model)

    log_interaction(contact_id=colleague.pk, type=CLICK, user_agent=BARRACUDA)
    log_interaction(contact_id=colleague.pk, type=CLICK)
    work()

    assert score_of(lead) == 10


@pytest.mark.django_db
def test_what_is_delivered_six_times_counts_once() -> None:
    lead, model = a_lead(), a_model()
    a_rule(model, 10, interaction_type=CLICK)
    live(model)

    for _ in range(6):
        log_interaction(contact_id=contact_of(lead), type=CLICK, dedupe_key="mail:17:click:3")
        work()

    assert score_of(lead) == 10
    assert Interaction.objects.count() == 1
