"""Just enough of a WebSocket client to be healthy, or not."""

import contextlib
import os
import socket
import ssl
import struct

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def connect(port, seconds=5, receive_buffer=None):
    """A connected socket without Nagle's delay."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(seconds)
    connection.connect(("127.0.0.1", port))
    return connection


def hello():
    """The first bytes of a TLS handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        trusting().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def trusting():
    """A TLS client that takes any certificate: it is the test's own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def upgrade(port, extensions=None, tls=False, **options):
    """An open WebSocket on /echo."""
    connection = connect(port, **options)
    if tls:
        connection = trusting().wrap_socket(connection)
    offer = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
    connection.sendall(
        (
            f"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{offer}\r\n"
        ).encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1024)
        if not piece:
            raise ConnectionError("the handshake was not answered")
        head += piece
    if not head.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(head.decode(errors="replace"))
    return connection


def frame(opcode, payload=b"", final=True, compressed=False):
    """A masked frame; the mask of zeros is as good as any here."""
    first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + bytes(4) + payload


def receive_exactly(connection, count):
    """So many bytes."""
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionError("the server has gone")
        received += piece
    return received


def pin(core, niceness=0):
    """Keeps this process on one core, if there is more than one."""
    if core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})
    os.nice(niceness)
