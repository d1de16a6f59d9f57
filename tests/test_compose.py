"""The files for Docker name what is there: commands, rooms, and a proxy as the only way in."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from django.conf import settings

from leadcrm.command import parser
from leadcrm.programs import ROOT

ROOMS = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}


def services() -> dict[str, Any]:
    found: dict[str, Any] = import_module("yaml").safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


def test_every_service_of_ours_runs_a_command_that_there_is() -> None:
    ours = {name: each["command"] for name, each in services().items() if each["image"] == "leadcrm"}

    assert set(ours) == {"prepare", "web", "worker", "beat"}
    for command in ours.values():
        assert parser().parse_args(command)


def test_the_world_speaks_to_the_proxy_only() -> None:
    known = services()

    assert [name for name, each in known.items() if "ports" in each] == ["proxy"]
    assert known["proxy"]["volumes"] == ["./docker/nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
    config = (ROOT / "docker/nginx.conf").read_text()
    assert "proxy_request_buffering on;" in config
    assert "server web:8000;" in config
    assert known["web"]["environment"]["LEADCRM_TRUSTED_PROXIES"] == "${LEADCRM_TRUSTED_PROXIES:-1}"


def test_a_dead_redis_keeps_nothing_from_starting_and_all_variables_arrive() -> None:
    for each in services().values():
        assert each.get("depends_on", {}).get("redis", {}).get("condition") != "service_healthy"
        assert each["image"] != "leadcrm" or each["env_file"] == [{"path": ".env", "required": False}]


def test_the_image_holds_every_room() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))

    assert ROOMS | {"templates", "static"} <= copied
