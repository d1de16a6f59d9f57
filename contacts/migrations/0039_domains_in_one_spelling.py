"""Domains of accounts that were kept as the network has them (xn--...) become as people read them, which is how those of
e-mail addresses are compared. One that another account has in that spelling stays: the two are for people to merge.
"""

import idna
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HELD = """
SELECT domain FROM contacts_account WHERE domain LIKE '%xn--%'
UNION SELECT value FROM contacts_accountkey WHERE kind = 'domain' AND value LIKE '%xn--%'
"""
ACCOUNTS = """
UPDATE contacts_account account SET domain = said.becomes, version = account.version + 1
FROM unnest(%s::text[], %s::text[]) AS said (domain, becomes)
WHERE account.domain = said.domain AND (account.deleted_at IS NOT NULL OR NOT EXISTS (
    SELECT FROM contacts_account other WHERE other.domain = said.becomes AND other.deleted_at IS NULL))
"""
KEYS = """
UPDATE contacts_accountkey key SET value = said.becomes
FROM unnest(%s::text[], %s::text[]) AS said (domain, becomes)
WHERE key.kind = 'domain' AND key.value = said.domain AND NOT EXISTS (
    SELECT FROM contacts_accountkey other WHERE other.kind = 'domain' AND other.value = said.becomes)
"""


def spell(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(HELD)
        said = {domain: _as_read(domain) for (domain,) in cursor.fetchall()}
        changed = {domain: becomes for domain, becomes in said.items() if becomes != domain}
        for statement in (ACCOUNTS, KEYS) if changed else ():
            cursor.execute(statement, [list(changed), list(changed.values())])


def _as_read(domain: str) -> str:
    try:
        return idna.decode(domain, uts46=True).lower()
    except UnicodeError:
        return domain


class Migration(migrations.Migration):
    dependencies = [("contacts", "0038_accounts_are_told")]
    operations = [migrations.RunPython(spell, migrations.RunPython.noop)]
