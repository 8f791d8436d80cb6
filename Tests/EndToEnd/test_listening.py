"""Where the server listens, and how it starts and ends for those who are connected."""

import http.client
import json
import os
import socket

import pytest

from waiting import until


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def is_ready(connection):
    connection.request("GET", "/readyz")
    response = connection.getresponse()
    response.read()
    return response.status == 200


@pytest.fixture
def notified(tmp_path, monkeypatch):
    """A service manager's ear: what was told so far."""
    path = str(tmp_path / "notify")
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(path)
    ear.settimeout(20)
    os.chmod(path, 0o666)
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    yield ear
    ear.close()


def test_a_unix_socket_beside_the_port(server):
    path = server.folder / "http.sock"
    server.start("--unix-socket", str(path), "--unix-socket-mode", "0600")
    assert path.stat().st_mode & 0o777 == 0o600
    assert is_ready(UnixConnection(path))
    assert is_ready(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20))
    server.stop()
    assert not path.exists()


def test_only_a_unix_socket_also_after_a_kill(server):
    path = server.folder / "http.sock"
    arguments = ["--tcp", "off", "--unix-socket", str(path)]
    server.start(*arguments)
    assert f"unix:{path}" in server.output.read_text()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
    server.kill()
    assert path.exists()
    server.start(*arguments)
    assert is_ready(UnixConnection(path))


def test_a_unix_socket_in_use(server):
    path = str(server.folder / "http.sock")
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(path)
        taken.listen()
        code, text = server.refuse("--unix-socket", path)
        assert code == 71 and f"unix_socket {path} is in use" in text
    assert os.path.exists(path)


def test_nothing_to_listen_on(server):
    code, text = server.refuse("--tcp", "off")
    assert code == 78 and 'tcp is "off"' in text


def test_sockets_from_the_service_manager(server, notified):
    """A client that connected before the server was there is served, too, and the manager hears of start and end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        early = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        early.request("GET", "/healthz")
        server.start(descriptors=[listener.fileno()])
        assert notified.recv(100) == b"READY=1"
        assert early.getresponse().status == 200
        assert is_ready(http.client.HTTPConnection("127.0.0.1", port, timeout=20))
        assert server.dev["url"] == f"http://127.0.0.1:{port}"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
        assert server.stop()[0] == 0
        assert notified.recv(100) == b"STOPPING=1"
        # The socket is the manager's; connections wait in it for the next start.
        socket.create_connection(("127.0.0.1", port)).close()


def test_what_was_passed_and_is_no_listening_socket(server):
    with socket.socket() as plain:
        code, text = server.refuse(descriptors=[plain.fileno()])
    assert code == 78 and "descriptor 3" in text and "no listening stream socket" in text


def test_a_request_on_its_way_is_answered_while_the_server_stops(server):
    server.start("--drain-timeout", "10")
    user = server.login("viewer")
    body = json.dumps({"tenant": "acme", "email": user["email"], "password": user["password"]}).encode()
    head = (
        "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    assert is_ready(idle)
    busy = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    busy.sendall(head.encode() + body[:10])
    # Whoever asks later is answered later: the head above has arrived.
    assert is_ready(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20))
    server.send(15)

    def is_closed():
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            # It was still in the queue when the listener went.
            return False

    until(is_closed, "nobody listens any more")
    assert idle.sock.recv(1) == b"", "an idle connection is closed at once"
    busy.sendall(body[10:])
    response = http.client.HTTPResponse(busy)
    response.begin()
    assert response.status == 200 and response.headers["Connection"] == "close"
    assert "access_token" in json.loads(response.read())
    assert server.wait() == 0, server.errors.read_text()


def test_what_does_not_end_is_cut_at_the_deadline(server):
    server.start("--drain-timeout", "1")
    stuck = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    stuck.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    assert is_ready(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20))
    code, _ = server.stop()
    assert code == 0, server.errors.read_text()
