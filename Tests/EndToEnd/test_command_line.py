"""The other commands."""

import csv
import io
import subprocess

import pytest

from api import Api
from server import clean_environment

COMMANDS = ["dev", "serve", "migrate", "token", "config", "sample"]


@pytest.fixture
def run(binary, tmp_path):
    """Runs a command in an empty folder."""

    def run(*arguments, **variables):
        return subprocess.run(
            [binary, *arguments],
            cwd=tmp_path,
            env=clean_environment(**variables),
            capture_output=True,
            text=True,
            # The sample is not in UTF-8 unless asked.
            errors="replace",
            timeout=60,
        )

    return run


@pytest.mark.parametrize("command", [[], *[[name] for name in COMMANDS]])
def test_help(run, command):
    result = run(*command, "--help")
    assert result.returncode == 0
    assert "USAGE: signalbox" in result.stdout
    assert result.stderr == ""


def test_version(run):
    assert run("--version").stdout.strip().count(".") == 2


@pytest.mark.parametrize("arguments", [["nonsense"], ["dev", "--nonsense"], ["sample", "--rows", "many"]])
def test_usage_errors(run, arguments):
    result = run(*arguments)
    assert result.returncode == 64
    assert result.stdout == ""


def test_config_shows_values_and_sources_and_masks_secrets(run, tmp_path):
    (tmp_path / "signalbox.yaml").write_text("header_timeout: 20s\nunheard_of: 1\n")
    secret = "a-secret-of-more-than-thirty-two-bytes"
    result = run("config", "--port", "9", SIGNALBOX_JWT_SECRET=secret, SIGNALBOX_TYPO="1")
    assert result.returncode == 0
    lines = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
    assert lines["port"] == ["9", "--port"]
    assert lines["header_timeout"] == ["20s", "signalbox.yaml"]
    assert lines["jwt_secret"] == ["********", "SIGNALBOX_JWT_SECRET"]
    assert lines["host"] == ["127.0.0.1", "default"]
    assert secret not in result.stdout + result.stderr
    assert "SIGNALBOX_TYPO" in result.stderr and "unheard_of" in result.stderr


def test_a_value_out_of_range(run):
    result = run("config", SIGNALBOX_PORT="70000")
    assert result.returncode == 78
    assert result.stderr == 'signalbox: port is "70000" (from SIGNALBOX_PORT); it must be 0 to 65535.\n'


def test_serve_says_what_it_needs(run):
    result = run("serve")
    assert result.returncode == 78
    assert "SIGNALBOX_DATABASE_URL" in result.stderr


def test_serve_says_that_the_database_does_not_answer(run):
    result = run(
        "serve", "--port", "0", SIGNALBOX_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", SIGNALBOX_JWT_SECRET="x" * 32
    )
    assert result.returncode == 69
    assert result.stderr.startswith("signalbox: ")


def test_sample_is_the_same_for_the_same_seed(run):
    first = run("sample", "--rows", "50", "--seed", "7")
    assert first.returncode == 0
    assert first.stdout == run("sample", "--rows", "50", "--seed", "7").stdout
    assert first.stdout != run("sample", "--rows", "50", "--seed", "8").stdout
    assert len(list(csv.reader(io.StringIO(first.stdout), delimiter=";"))) > 50


def test_token_refuses_what_it_does_not_know(run, running):
    common = ["--subject", "load-test", "--data-dir", str(running.data)]
    unknown_tenant = run("token", "--tenant", "nobody", "--roles", "operator", *common)
    assert unknown_tenant.returncode == 78
    assert unknown_tenant.stderr == 'signalbox: there is no tenant "nobody".\n'
    unknown_role = run("token", "--tenant", "acme", "--roles", "king", *common)
    assert unknown_role.returncode == 64
    assert "king" in unknown_role.stderr


def test_token_speaks_for_its_subject(run, running):
    arguments = ["--tenant", "acme", "--subject", "load-test", "--roles", "operator,agent", "--data-dir", str(running.data)]
    minted = run("token", *arguments)
    assert minted.returncode == 0, minted.stderr
    me = str(Api(running.url, minted.stdout.strip()).get("/v1/me"))
    assert "load-test" in me and "operator" in me and "agent" in me


def test_migrate_has_nothing_left_to_do(run, running):
    url = (running.data / "database_url").read_text().strip()
    for arguments in [["--dry-run"], []]:
        result = run("migrate", *arguments, SIGNALBOX_DATABASE_URL=url)
        assert result.returncode == 0, result.stderr
