"""`signalbox dev` from its start to its end, without a browser."""

import os
import signal
import socket
import subprocess

import pytest

from api import Api
from server import postgres_of
from waiting import until

BINARIES = "/usr/lib/postgresql/15/bin"


def sentence(text):
    """The one sentence on standard error; more than one line is one too many."""
    lines = [line for line in text.splitlines() if "note:" not in line]
    assert len(lines) == 1, text
    return lines[0]


def as_postgres(*command):
    """A command as it must be run to own the server's files."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *command]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_within_five_seconds(server, number):
    server.start()
    code, seconds = server.stop(number)
    assert code == 0, server.errors.read_text()
    assert seconds < 5
    assert postgres_of(server.data) == []


def test_ctrl_c_reaches_the_whole_group_and_still_ends_cleanly(server):
    server.start()
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.wait() == 0, server.errors.read_text()


def test_stops_within_five_seconds_with_connections_open(server):
    server.start()
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    idle[0].sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    code, seconds = server.stop()
    assert code == 0, server.errors.read_text()
    assert seconds < 5
    for connection in idle:
        connection.close()


def test_prints_and_records_address_and_logins(server):
    server.start()
    printed = server.output.read_text()
    assert server.dev["url"] == server.url
    assert server.url in printed
    assert [tenant["name"] for tenant in server.dev["tenants"]] == ["acme", "globex"]
    for tenant in server.dev["tenants"]:
        assert {role for user in tenant["users"] for role in user["roles"]} == {
            "viewer", "reviewer", "operator", "agent", "admin",
        }
        for user in tenant["users"]:
            assert user["email"] in printed and user["password"] in printed
    for name in ["dev.json", "jwt_secret", "database_url"]:
        assert (server.data / name).stat().st_mode & 0o077 == 0, f"{name} can be read by others"


def test_every_demo_user_can_sign_in(server):
    server.start()
    for tenant in server.dev["tenants"]:
        for user in tenant["users"]:
            me = Api.signed_in(server, user["roles"][0], tenant["name"]).get("/v1/me")
            assert user["email"] in str(me)
    assert Api(server.url).call("GET", "/readyz")[0] == 200


def test_a_second_start_goes_on(server):
    server.start()
    before = server.dev
    status, flow = Api.signed_in(server, "operator").call("POST", "/v1/flows", {"type": "external", "title": "kept"})
    assert status == 201, flow
    server.stop()
    server.start()
    assert server.dev == before
    assert Api.signed_in(server, "operator").get(f"/v1/flows/{flow['id']}")["title"] == "kept"


def test_starts_again_after_a_kill(server):
    server.start()
    server.kill()
    server.start()
    assert server.stop()[0] == 0


def test_the_database_ends_with_a_killed_server(server):
    server.start()
    assert postgres_of(server.data)
    server.kill()
    until(lambda: not postgres_of(server.data), "Postgres has ended")


def test_a_database_left_running_is_adopted(server):
    server.start()
    server.stop()
    cluster = server.data / "postgres"
    options = f"-k {cluster}/socket -c listen_addresses="
    subprocess.run(
        as_postgres(f"{BINARIES}/pg_ctl", "-D", f"{cluster}/data", "-o", options, "-l", "/dev/null", "-w", "start"),
        check=True, cwd="/", stdout=subprocess.DEVNULL,
    )
    before = (cluster / "data" / "postmaster.pid").read_text().split()[0]
    server.start()
    assert (cluster / "data" / "postmaster.pid").read_text().split()[0] == before
    assert server.stop()[0] == 0
    assert postgres_of(server.data) == []


def test_a_stale_lock_file_with_a_living_stranger_is_seen_through(server):
    server.start()
    server.stop()
    lock = server.data / "postgres" / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n0\n5432\n\n\n\nready   \n")
    server.start()
    assert server.stop()[0] == 0


def test_a_database_that_dies_ends_the_server_with_a_reason(server):
    server.start()
    postmaster = int((server.data / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    assert server.wait() == 69
    assert "Postgres ended unexpectedly" in server.errors.read_text()


def test_a_port_in_use(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        code, text = server.refuse()
    assert code == 71
    assert f"port {server.port} on 127.0.0.1 is in use" in sentence(text)


def test_a_data_folder_in_use(server):
    server.start()
    first = server.process
    code, text = server.refuse("--port", "0")
    server.process = first
    assert code == 75
    assert f"in use by another signalbox (process {first.pid})" in sentence(text)


def test_a_data_folder_that_is_a_file(server):
    server.data.write_text("")
    code, text = server.refuse()
    server.data.unlink()
    assert code == 65
    assert "is a file, not a folder" in sentence(text)


def test_a_data_folder_that_cannot_be_written(server):
    code, text = server.refuse("--data-dir", "/proc/signalbox")
    assert code == 73
    assert "/proc/signalbox cannot be created" in sentence(text)


@pytest.mark.parametrize("damage", ["version", "control"])
def test_a_broken_data_folder(server, damage):
    server.start()
    server.stop()
    data = server.data / "postgres" / "data"
    if damage == "version":
        (data / "PG_VERSION").write_text("14\n")
    else:
        (data / "global" / "pg_control").unlink()
    code, text = server.refuse()
    assert code == 65
    assert "the data folder is broken" in sentence(text)


def test_a_broken_dev_file(server):
    server.start()
    server.stop()
    (server.data / "dev.json").write_text("{")
    code, text = server.refuse()
    assert code == 65
    assert "dev.json" in sentence(text)
    assert postgres_of(server.data) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are out of reach for Postgres's user")
def test_a_data_folder_that_postgres_cannot_reach(server):
    server.folder.chmod(0o700)
    server.start()
    assert "cannot reach" in server.errors.read_text()
    elsewhere = (server.data / "cluster-path").read_text()
    server.stop()
    server.start()
    assert (server.data / "cluster-path").read_text() == elsewhere
    assert server.stop()[0] == 0


def test_a_long_path(server):
    server.data = server.folder / ("x" * 100)
    server.start()
    assert server.stop()[0] == 0
