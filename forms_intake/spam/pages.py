"""What checks of posts do, and which mail domains hand out disposable addresses: said by marketers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.errors import InvalidValues
from contacts.views.editing import person
from forms_intake.models import Captcha, DisposableDomain, Does, IntakeForm, SpamRule, Submission, SubmissionState
from forms_intake.spam import captcha
from forms_intake.spam.checks import CHECKS
from forms_intake.spam.rules import rules, say_of_domain, say_what_checks_do, shipped
from forms_intake.views.builder import marketers
from leadcrm.lib.facts import honest_count

MOST_SHOWN = 500


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def spam_rules(request: HttpRequest) -> HttpResponse:
    """What each check does; a POST says so anew."""
    if request.method == "POST":
        said = {check.code: request.POST[check.code] for check in CHECKS if check.code in request.POST}
        try:
            say_what_checks_do(said, by=person(request))
        except InvalidValues as problem:
            messages.error(request, " ".join(problem.errors.values()))
        else:
            messages.success(request, "Saved: posts from now on are looked at like this.")
        return redirect("forms_intake:spam_rules")
    told = {one.check_code: one for one in SpamRule.objects.select_related("said_by")}
    context = {
        "checks": [
            (check, told[check.code].does if check.code in told else check.does, told.get(check.code))
            for check in CHECKS
        ],
        "choices": Does.choices,
        "spam": honest_count(Submission.objects.filter(state=SubmissionState.SPAM)),
        "service": captcha.service(),
        "asking": IntakeForm.objects.exclude(captcha=Captcha.NONE).order_by("name")[:50],
        **_domains(),
    }
    return render(request, "forms_intake/spam/rules.html", context)


def _domains() -> dict[str, object]:
    said = DisposableDomain.objects.select_related("said_by")[:MOST_SHOWN]
    return {"said": list(said), "shipped": shipped()}


@marketers
@require_POST
def domains(request: HttpRequest) -> HttpResponse:
    """Say of a mail domain that its addresses are disposable (`is`: "disposable"), or that they last ("kept")."""
    is_disposable = request.POST.get("is") != "kept"
    typed = request.POST.get("domain", "")[:300]
    before = rules()
    try:
        domain = say_of_domain(typed.rpartition("@")[2], is_disposable=is_disposable, by=person(request))
    except InvalidValues as problem:
        messages.error(request, f"{typed}: {problem.errors['domain']}")
    else:
        now = "count as disposable" if is_disposable else "count as lasting"
        same = before.is_disposable(domain) == is_disposable
        messages.success(request, f"Addresses at {domain} {now}{', as before' if same else ' from now on'}.")
    return redirect("forms_intake:spam_rules")
