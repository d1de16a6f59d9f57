"""Forms in which mailboxes and their rules are kept."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Q

from contacts import normalise
from contacts.models import Campaign, Product, User
from contacts.people import people_to_assign
from forms_intake.models import Effect, Mailbox, MailRule, Security

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
MOST_PASTED = 1_000_000


class MailboxForm(forms.Form):
    """Where it is, who signs in, what is read."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=80, help_text="Such as Sales inbox.")
    address = forms.CharField(max_length=254, label="Its address", help_text="Such as sales@example.com.")
    host = forms.CharField(max_length=253, label="IMAP server", help_text="Such as imap.example.com.")
    port = forms.IntegerField(min_value=1, max_value=65535, initial=993)
    security = forms.ChoiceField(choices=Security.choices, help_text="It is never read without encryption.")
    username = forms.CharField(max_length=254, label="User name")
    password = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Of the mailbox, or one for applications, as Gmail and Yahoo ask for. Microsoft 365 takes no "
        "password over IMAP: have it redirect its mail to a mailbox that does.",
    )
    folder = forms.CharField(max_length=200, initial="INBOX")
    read_from = forms.DateField(
        required=False,
        label="Read from",
        help_text="Older messages are left alone; empty for a new mailbox: from today.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    trusted_host = forms.CharField(
        max_length=253,
        required=False,
        label="Trusted host",
        help_text="With which name your mail server begins its Authentication-Results, such as mx.example.com. What "
        "it does not vouch for waits as suspicious.",
    )

    def __init__(self, data: Any = None, *, mailbox: Mailbox | None = None) -> None:
        super().__init__(data)
        self.mailbox = mailbox
        if mailbox is None:
            self.fields["password"].required = True
            return
        names = ("version", "name", "address", "host", "port", "security", "username")
        self.initial = {name: getattr(mailbox, name) for name in (*names, "folder", "read_from", "trusted_host")}
        self.fields["password"].help_text = "One is kept; leave this empty to keep it."

    def clean_address(self) -> str:
        found = normalise.email(self.cleaned_data["address"])
        if not found:
            raise forms.ValidationError("This is not an e-mail address.")
        return found

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if not HOST.fullmatch(host):
            raise forms.ValidationError("Only the name of the server, such as imap.example.com.")
        return host

    def clean_trusted_host(self) -> str:
        host = str(self.cleaned_data["trusted_host"]).strip()
        if host and not HOST.fullmatch(host):
            raise forms.ValidationError("Only a name, such as mx.example.com.")
        return host

    def values(self) -> dict[str, Any]:
        """As make_mailbox takes them, and save_mailbox with the version."""
        return {key: value for key, value in self.cleaned_data.items() if key != "version"}


class RuleForm(forms.Form):
    """What fits, and what becomes of it. `version` is the mailbox's that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=80, help_text="What is said of messages that it fits.")
    recipient = forms.CharField(
        max_length=254, required=False, label="To", help_text="An address it was sent to, such as sales@example.com."
    )
    domain = forms.CharField(
        max_length=253, required=False, label="Sender's domain", help_text="Such as example.com, with what lies below."
    )
    subject = forms.CharField(max_length=100, required=False, label="Subject contains")
    words = forms.CharField(max_length=100, required=False, label="Text contains")
    effect = forms.ChoiceField(choices=Effect.choices, label="What becomes of it", initial=Effect.LEAD)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False, empty_label="None")
    product = forms.ModelChoiceField(Product.objects.none(), required=False, empty_label="None")
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Leads go to", empty_label="Nobody yet: assignment rules decide"
    )
    makes_account = forms.BooleanField(
        required=False,
        label="An account by the sender's domain",
        help_text="Never for the domain of a mail provider.",
    )

    def __init__(self, mailbox: Mailbox, data: Any = None, *, rule: MailRule | None = None) -> None:
        super().__init__(data)
        self.initial["version"] = mailbox.version
        context = rule.marketing_context if rule else None
        chosen: Any = self.fields
        campaign_id, product_id = (context.campaign_id, context.product_id) if context else (None, None)
        chosen["campaign"].queryset = Campaign.objects.filter(Q(active=True) | Q(pk=campaign_id))
        chosen["product"].queryset = Product.objects.filter(Q(active=True) | Q(pk=product_id))
        chosen["owner"].queryset = people_to_assign(rule.owner_id if rule else None)
        if rule:
            names = ("name", "recipient", "domain", "subject", "words", "effect", "makes_account")
            self.initial.update({name: getattr(rule, name) for name in names})
            self.initial.update({"campaign": campaign_id, "product": product_id, "owner": rule.owner_id})

    def clean_recipient(self) -> str:
        said = str(self.cleaned_data["recipient"]).strip()
        found = normalise.email(said)
        if said and not found:
            raise forms.ValidationError("This is not an e-mail address.")
        return found

    def clean_domain(self) -> str:
        said = str(self.cleaned_data["domain"]).strip().lstrip("@.")
        found = normalise.domain(said)
        if said and not found:
            raise forms.ValidationError("This is not a domain such as example.com.")
        return found


class BenchForm(forms.Form):
    """A message, pasted whole."""

    message = forms.CharField(
        max_length=MOST_PASTED,
        label="Message",
        help_text="With its headers, as “show original” gives it.",
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "mono"}),
        strip=False,
    )
