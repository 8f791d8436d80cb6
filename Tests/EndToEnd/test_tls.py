"""The server over TLS, as its operator sets it up and its clients meet it."""

import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import ssl

import pytest

from certificates import Authority
from ports import free_port
from server import Server
from waiting import until


class Secured:
    """A server with three certificates, optional client certificates and a redirect port."""

    def __init__(self, binary):
        self.server = Server(binary)
        folder = self.server.folder
        self.authority = Authority(folder)
        self.stranger = Authority(folder, "stranger")
        pairs = [
            self.authority.issue("default", "DNS:localhost", "IP:127.0.0.1"),
            self.authority.issue("wildcard", "DNS:*.apps.example"),
            self.authority.issue("exact", "DNS:one.apps.example"),
        ]
        self.certificates = [str(certificate) for certificate, _ in pairs]
        self.redirect_port = free_port()
        self.server.start(
            "--tls-cert", ",".join(self.certificates), "--tls-key", ",".join(str(key) for _, key in pairs),
            "--tls-client-ca", str(self.authority.file), "--tls-client-auth", "optional",
            "--tls-client-identities", "spiffe://acme.example/probe=acme/probe/agent+viewer",
            "--http-redirect-port", str(self.redirect_port), "--header-timeout", "2", "--hsts-max-age", "365d",
        )

    def context(self, identity=None, **settings):
        context = ssl.create_default_context(cafile=str(self.authority.file))
        context.check_hostname = False
        for name, value in settings.items():
            setattr(context, name, value)
        if identity:
            context.load_cert_chain(*map(str, identity))
        return context

    def connect(self, context=None, name="localhost", session=None):
        plain = socket.create_connection(("127.0.0.1", self.server.port), timeout=20)
        return (context or self.context()).wrap_socket(plain, server_hostname=name, session=session)

    def get(self, path, context=None, headers=None):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.server.port, context=context or self.context(), timeout=20
        )
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response, response.read()


@pytest.fixture(scope="module")
def secured(binary):
    secured = Secured(binary)
    yield secured
    secured.server.close()


def names(connection):
    return {value for _, value in connection.getpeercert()["subjectAltName"]}


def test_versions(secured):
    with secured.connect() as connection:
        assert connection.version() == "TLSv1.3"
    old = secured.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(ssl.SSLError):
        secured.connect(old)


@pytest.mark.parametrize(
    "asked, shown",
    [
        ("localhost", "localhost"), ("one.apps.example", "one.apps.example"), ("ONE.apps.example", "one.apps.example"),
        ("two.apps.example", "*.apps.example"), ("a.two.apps.example", "localhost"), ("apps.example", "localhost"),
        ("elsewhere.example", "localhost"), (None, "localhost"),
    ],
)
def test_the_certificate_goes_by_the_name(secured, asked, shown):
    with secured.connect(name=asked) as connection:
        assert shown in names(connection)


def test_application_protocols(secured):
    context = secured.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secured.connect(context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        secured.connect(context)


def resumed(secured, context, session):
    with secured.connect(context, session=session) as connection:
        return connection.session_reused


def first_session(secured, context):
    """A ticket comes with the first answer, not with the handshake."""
    with secured.connect(context) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while connection.recv(4096):
            pass
        return connection.session


def test_sessions_are_resumed_also_after_a_reload(secured):
    context = secured.context()
    session = first_session(secured, context)
    assert resumed(secured, context, session)
    reload(secured)
    assert resumed(secured, context, first_session(secured, context))


def reload(secured, word="Reloaded"):
    before = secured.server.errors.read_text().count(word)
    secured.server.send(signal.SIGHUP)
    until(lambda: secured.server.errors.read_text().count(word) > before, f"the log says {word}")


def test_reload_keeps_connections_and_brings_the_new_certificate(secured):
    kept = http.client.HTTPSConnection("127.0.0.1", secured.server.port, context=secured.context(), timeout=20)
    with contextlib.closing(kept):
        kept.request("GET", "/healthz")
        assert kept.getresponse().read()
        secured.authority.issue("default", "DNS:localhost", "DNS:renewed.example")
        reload(secured)
        with secured.connect() as connection:
            assert "renewed.example" in names(connection)
        kept.request("GET", "/healthz")
        assert kept.getresponse().status == 200


def test_a_broken_certificate_changes_nothing(secured):
    file = secured.server.folder / "default.crt"
    good = file.read_text()
    file.write_text("no certificate")
    try:
        reload(secured, "The certificates stay as they were")
        assert str(file) in secured.server.errors.read_text()
        with secured.connect() as connection:
            assert "localhost" in names(connection)
    finally:
        file.write_text(good)


def test_a_service_is_known_by_its_certificate(secured):
    identity = secured.authority.issue("probe", "URI:spiffe://acme.example/probe")
    response, body = secured.get("/v1/me", secured.context(identity))
    answer = json.loads(body)
    assert response.status == 200 and answer["user"]["id"] == "probe" and answer["tenant"]["name"] == "acme"
    assert sorted(answer["roles"]) == ["agent", "viewer"]


def test_other_certificates_are_nobody(secured):
    unknown = secured.authority.issue("unknown", "URI:spiffe://acme.example/other")
    assert secured.get("/v1/me", secured.context(unknown))[0].status == 401
    assert secured.get("/v1/me")[0].status == 401
    foreign = secured.stranger.issue("foreign", "URI:spiffe://acme.example/probe")
    # TLS 1.3 refuses a client's certificate only after the client has finished its handshake.
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        secured.get("/v1/me", secured.context(foreign))


def test_browsers_are_told_to_stay_and_cookies_are_secure(secured):
    user = secured.server.login("viewer")
    connection = http.client.HTTPSConnection(
        "127.0.0.1", secured.server.port, context=secured.context(), timeout=20
    )
    with contextlib.closing(connection):
        body = json.dumps({"tenant": "acme", "email": user["email"], "password": user["password"]})
        connection.request("POST", "/v1/auth/login", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
    assert response.status == 200
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = response.headers.get_all("Set-Cookie")
    assert cookies and all("secure" in cookie.lower() for cookie in cookies)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_plain_http_is_sent_to_https(secured, method):
    connection = http.client.HTTPConnection("127.0.0.1", secured.redirect_port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, "/v1/flows?status=running", headers={"Host": "localhost:1234"})
        response = connection.getresponse()
        assert response.status == 308
        assert response.headers["Location"] == f"https://localhost:{secured.server.port}/v1/flows?status=running"
        assert response.headers["Strict-Transport-Security"] is None


def test_plain_http_on_the_tls_port_is_told_so(secured):
    connection = http.client.HTTPConnection("127.0.0.1", secured.server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        response = connection.getresponse()
        assert response.status == 400 and response.read() == b"This port speaks HTTPS only."


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\xff\xff" + b"\0" * 200, os.urandom(300), b"\x00"])
def test_garbage_ends_the_connection_and_nothing_else(secured, garbage):
    with socket.create_connection(("127.0.0.1", secured.server.port), timeout=20) as connection:
        connection.sendall(garbage)
        # Within header_timeout, also where the garbage could still become a handshake.
        with contextlib.suppress(ConnectionError):
            while connection.recv(4096):
                pass
    assert secured.get("/healthz")[0].status == 200


def test_a_websocket_opens_over_tls(secured):
    with secured.connect() as connection:
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Protocol: signalbox.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        assert head.startswith(b"HTTP/1.1 101") and b"permessage-deflate" in head


def test_large_answers_arrive_whole_at_a_slow_reader(secured):
    context = secured.context()
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(20)
    plain.connect(("127.0.0.1", secured.server.port))
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while piece := connection.recv(512):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200") and json.loads(body)["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--tls-cert", "{none}", "--tls-key", "{none}"], ["none.pem", "No such file"]),
        (["--tls-cert", "{cert}"], ["tls_cert has 1 files and tls_key 0"]),
        (["--tls-key", "{key}"], ["tls_key is set, but tls_cert is not"]),
        (["--tls-cert", "{cert}", "--tls-key", "{other}"], ["does not belong to"]),
        (["--tls-cert", "{key}", "--tls-key", "{key}"], ["certificate file"]),
        (["--tls-cert", "{cert}", "--tls-key", "{key}", "--tls-client-auth", "required"], ["authorities"]),
        (["--tls-cert", "{cert}", "--tls-key", "{key}", "--tls-client-identities", "x=y"], ["tls_client_identities"]),
        (["--tls-min-version", "1.1"], ["tls_min_version", "1.2, 1.3"]),
    ],
)
def test_what_cannot_be_used_is_named(server, arguments, words):
    authority = Authority(server.folder)
    certificate, key = authority.issue("one", "DNS:localhost")
    _, other = authority.issue("two", "DNS:localhost")
    values = {"none": server.folder / "none.pem", "cert": certificate, "key": key, "other": other}
    code, errors = server.refuse(*[argument.format(**values) for argument in arguments])
    assert code == 78, errors
    for word in words:
        assert word in errors
