"""The image and the services: after the compose specification, without a secret, and nobody is root."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from exchange.cli import main
from exchange.config import from_environment

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
LOCKS = ("server.lock", "requirements.lock")
SECRET = re.compile(r"SECRET|PASSWORD|_KEY|URL")


@pytest.fixture(scope="module")
def compose():
    return YAML(typ="safe").load(COMPOSE)


def test_the_services_are_after_the_compose_specification():
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", COMPOSE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_stands_in_the_file(compose):
    told = [pair for service in compose["services"].values() for pair in service.get("environment", {}).items()]
    assert told
    for name, value in told:
        if SECRET.search(name) and "QUEUE" not in name:
            assert "${" in value, f"{name} is written out"


def test_what_runs_for_long_is_looked_after(compose):
    for name, service in compose["services"].items():
        if name != "tables":
            assert "healthcheck" in service, f"nobody looks whether {name} is well"
            assert service.get("restart") == "unless-stopped" or "try" in service["profiles"]


def test_only_this_machine_reaches_them(compose):
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_what_is_kept_lies_in_volumes(compose):
    kept = {
        volume.partition(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    }
    assert kept == set(compose["volumes"]) == {"database", "instance"}


def test_what_the_services_are_told_is_enough_for_production(compose, tmp_path):
    told = {name: re.sub(r"\$\{(\w+):?[-?]?([^}]*)\}", _filled, value) for name, value in _web(compose).items()}
    settings = from_environment(told | {"EXCHANGE_INSTANCE_PATH": str(tmp_path)})

    assert settings.production
    assert settings.database_url == "postgresql+psycopg://exchange:a-password@database/exchange"
    assert settings.queue_url == "redis://queue:6379/0"
    assert list(tmp_path.iterdir()) == []


def _web(compose):
    return compose["services"]["web"]["environment"]


def _filled(found):
    given = {
        "EXCHANGE_SECRET_KEY": "s" * 48,
        "EXCHANGE_LOG_KEY": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "EXCHANGE_BASE_URL": "https://exchange.example",
        "POSTGRES_PASSWORD": "a-password",
    }
    return given.get(found[1], found[2])


def test_every_command_that_a_service_runs_exists(compose):
    ran = [
        service["command"] for service in compose["services"].values() if service.get("command", [""])[0] == "exchange"
    ]
    ran += [service["healthcheck"]["test"][1:] for service in compose["services"].values() if "healthcheck" in service]
    ours = [words[1:] for words in ran if words[0] == "exchange"]
    assert len(ours) == 3
    for words in ours:
        assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0


def test_the_image_is_not_root_and_takes_no_tests_along():
    image = (ROOT / "Dockerfile").read_text()
    assert image.count("FROM ") == 2
    assert re.search(r"^USER exchange$", image, re.MULTILINE)
    assert "--require-hashes" in image
    assert {"tests", "instance", ".git", ".venv"} <= set((ROOT / ".dockerignore").read_text().split())


def test_the_image_has_no_other_versions_than_the_tests():
    pinned = {name: set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS}
    assert pinned["server.lock"] < pinned["requirements.lock"]
    assert not {"pytest", "pymerkle"} & {line.partition("==")[0] for line in pinned["server.lock"]}
