"""Limits of the running server, as its operator sets them and its clients see them."""

import contextlib
import http.client
import json
import socket

from waiting import until


def get(port, path="/healthz", headers=None):
    """The status and the decoded problem of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    return response.status, json.loads(body) if response.status >= 400 else None


def problem_of(connection):
    """What a server that answers without being asked has to say."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())


def test_connections_of_one_address(server):
    server.start("--max-connections-per-address", "5", "--unlimited-addresses", "192.0.2.0/24")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            # Two loops accept, each in its own time: only an answer shows that a connection is counted.
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(15).startswith(b"HTTP/1.1 200")
        status, problem = problem_of(socket.create_connection(("127.0.0.1", server.port), timeout=20))
        assert status == 503 and problem["code"] == "too_many_connections"
        assert problem["limit_name"] == "max_connections_per_address" and problem["limit"] == 5
        other = socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=("127.0.0.2", 0))
        other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(15).startswith(b"HTTP/1.1 200")
    until(lambda: get(server.port)[0] == 200, "there is room again")
    assert server.errors.read_text().count("max_connections_per_address of 5") == 1


def test_heads(server):
    server.start("--max-header-count", "10", "--header-timeout", "1")
    status, problem = get(server.port, headers={f"x-{number}": "y" for number in range(20)})
    assert status == 431 and problem["limit_name"] == "max_header_count" and problem["limit"] == 10
    slow = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    slow.sendall(b"GET / HTTP/1.1\r\nHost")
    status, problem = problem_of(slow)
    assert status == 408 and problem["limit_name"] == "header_timeout" and problem["limit"] == 1


def test_contents(server):
    server.start("--body-timeout", "1", "--min-body-rate", "1000")
    head = b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    silent = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    silent.sendall(head)
    dripping = socket.create_connection(("127.0.0.1", server.port), timeout=0.1)
    dripping.sendall(head)

    def is_answered():
        dripping.sendall(b"{")
        with contextlib.suppress(TimeoutError):
            return dripping.recv(1, socket.MSG_PEEK)

    until(is_answered, "the dripping content is refused")
    for connection, limit in [(silent, "body_timeout"), (dripping, "min_body_rate")]:
        connection.settimeout(20)
        status, problem = problem_of(connection)
        assert status == 408 and problem["limit_name"] == limit


def test_few_descriptors(server):
    """The number of connections is lowered so that the database has its own, and those that are open are served."""
    server.start(open_files=400)
    assert "max_connections is" in server.errors.read_text()
    first = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    # Served once, it waits for its next request; one that has sent nothing yet is waited for only so long.
    first.request("GET", "/healthz")
    first.getresponse().read()
    with contextlib.ExitStack() as stack:
        flood = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20)) for _ in range(450)
        ]
        status, problem = problem_of(flood[-1])
        assert status == 503 and problem["limit_name"] in ("max_connections", "open_file_limit")
        # With its way to the database.
        first.request("GET", "/readyz")
        assert first.getresponse().status == 200
    until(lambda: get(server.port)[0] == 200, "there is room again")
