"""A real IMAP server with a certificate of its own, and mails to put into it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from imapclient import IMAPClient

from contacts.models import Role, User
from forms_intake.mailbox import setting_up
from forms_intake.models import Effect, Mailbox, MailRule
from tests.build import a_user

USER, PASSWORD = "sales", "password of the mailbox"
ADDRESS = "sales@ours.example"
HOST = "mx.ours.example"
PASSED = f"{HOST}; dmarc=pass header.from=blau.example"


@dataclass
class Server:
    """Where it listens, and the certificate by which it is known."""

    port: int
    ca: Path

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("localhost", self.port, ssl=False, timeout=10)
        try:
            client.starttls(ssl.create_default_context(cafile=str(self.ca)))
            client.login(USER, PASSWORD)
            yield client
        finally:
            client.logout()

    def gets(self, *mails: bytes, at: datetime | None = None) -> None:
        """Mails arrive, or arrived long ago."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail, msg_time=at)

    def is_emptied(self) -> None:
        with self.client() as client:
            client.select_folder("INBOX")
            if found := client.search():
                client.delete_messages(found)
                client.expunge()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """pymap, from the development dependencies, until the end of the tests."""
    program = Path(sys.executable).with_name("pymap")
    if not program.exists():
        pytest.fail("There is no pymap beside this Python; `make setup` installs it with the development dependencies.")
    ca, key = _certificate(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = ["--host", "127.0.0.1", "--port", str(port), "--cert", str(ca), "--key", str(key), "--no-service", "admin"]
    command = [str(program), *where, "dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with (folder / "imap.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(port, process)
        yield Server(port, ca)
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("The IMAP server did not start.")


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    signed = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )
    ca, private = folder / "ca.pem", folder / "key.pem"
    ca.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ca, private


def a_mailbox(server: Server | None = None, *, on: bool = True, by: User | None = None, **more: object) -> Mailbox:
    """A mailbox at a server, switched on unless said."""
    by = by or a_user(Role.MARKETER)
    said = {
        "name": "Sales inbox",
        "address": ADDRESS,
        "host": "localhost",
        "port": server.port if server else 993,
        "security": "starttls",
        "username": USER,
        "password": PASSWORD,
        "folder": "INBOX",
        "trusted_host": "",
    } | more
    made = setting_up.make_mailbox(by=by, **said)  # type: ignore[arg-type]
    return setting_up.switch(made.pk, on=True, by=by) if on else made


def a_rule(mailbox: Mailbox, name: str = "Everybody", **more: object) -> MailRule:
    empty = {"recipient": "", "domain": "", "subject": "", "words": "", "owner": None, "makes_account": False}
    said = {"effect": Effect.LEAD, "campaign": None, "product": None} | empty | more
    now = Mailbox.objects.get(pk=mailbox.pk).version
    return setting_up.save_rule(mailbox.pk, None, version=now, name=name, by=a_user(Role.MARKETER), **said)  # type: ignore[arg-type]


def a_mail(
    text: str = "I would like an offer.",
    *,
    sender: str = "Eva Blau <eva@blau.example>",
    to: str = ADDRESS,
    subject: str = "An offer",
    number: str = "1",
    **headers: str,
) -> bytes:
    """A mail as a server hands it out; `headers` with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{number}@blau.example>"
    message["Date"] = datetime.now(UTC)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()
