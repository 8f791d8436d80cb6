"""WebSocket clients of `signalbox.v1` for benchmarks: one on a blocking socket, and calls over HTTP."""

import json
import os
import pathlib
import re
import socket
import struct
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/EndToEnd"))
from server import Server  # noqa: E402

SO_TIMESTAMPNS = 35
SEQ = re.compile(rb'"seq":(\d+)')


class Client:
    """One WebSocket. The payloads it gives are bytes: reading them as JSON costs more than the server's work."""

    def __init__(self, port, token, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""
        self.next_id = 0
        self.socket.sendall(
            b"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Protocol: signalbox.v1\r\n\r\n"
        )
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(4096)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        self.call("hello", {"token": token})

    def send(self, payload):
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        # A mask of zeros leaves the payload as it is.
        self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + payload)

    def request(self, method, params):
        self.next_id += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}).encode())

    def acknowledge(self, stream, seq):
        self.send(b'{"jsonrpc":"2.0","method":"ack","params":{"stream":"%s","seq":%d}}' % (stream.encode(), seq))

    def take(self, data):
        """The payloads that are whole with these bytes; a ping is answered, a close is an error."""
        buffer = self.buffer + data
        messages, offset = [], 0
        while len(buffer) >= offset + 2:
            size, start = buffer[offset + 1], offset + 2
            if size == 126:
                if len(buffer) < start + 2:
                    break
                size, start = struct.unpack_from("!H", buffer, start)[0], start + 2
            elif size == 127:
                if len(buffer) < start + 8:
                    break
                size, start = struct.unpack_from("!Q", buffer, start)[0], start + 8
            if len(buffer) < start + size:
                break
            opcode, payload = buffer[offset] & 15, buffer[start:start + size]
            offset = start + size
            if opcode == 8:
                raise ConnectionError(f"closed: {payload}")
            if opcode == 9:
                self.socket.sendall(b"\x8a" + bytes([0x80 | size]) + b"\0\0\0\0" + payload)
            elif opcode == 1:
                messages.append(payload)
        self.buffer = buffer[offset:]
        return messages

    def call(self, method, params):
        """The result of a request; what comes before it is not looked at."""
        self.request(method, params)
        mark = b'"id":%d' % self.next_id
        while True:
            for payload in self.take(self.receive()):
                if mark in payload[:64] and b'"method"' not in payload[:64]:
                    answer = json.loads(payload)
                    assert "result" in answer, answer
                    return answer["result"]

    def receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the connection has ended")
        return data

    def stamp(self):
        """Has the kernel note when bytes arrive."""
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def receive_stamped(self):
        """Some bytes, and when the last of them had arrived: seconds, as `time.time` counts."""
        data, ancillary, _, _ = self.socket.recvmsg(1 << 16, socket.CMSG_SPACE(16))
        if not data:
            raise ConnectionError("the connection has ended")
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", value)
                return data, seconds + nanoseconds / 1e9
        return data, time.time()


def seq_of(payload):
    """The position of an `event` or `snapshot` notification, None of anything else."""
    if not payload.startswith((b'{"jsonrpc":"2.0","method":"event"', b'{"jsonrpc":"2.0","method":"snapshot"')):
        return None
    return int(SEQ.search(payload).group(1))


def call(server, method, path, body, token=None, kind="application/json"):
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def token_of(server, role):
    user = server.login(role)
    body = {"tenant": "acme", "email": user["email"], "password": user["password"]}
    return call(server, "POST", "/v1/auth/login", body)["access_token"]


def metric(server, name):
    """A counter of /metrics."""
    with urllib.request.urlopen(server.url + "/metrics") as response:
        for line in response.read().decode().splitlines():
            if line.startswith(name):
                return float(line.rsplit(" ", 1)[1])
    raise LookupError(name)


def memory(pid, name="VmRSS"):
    """A memory figure of /proc, in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


def processor_time(pid):
    """The seconds that a process has used a core."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)]


def started(path):
    """The server with one loop, which has the first core to itself: whoever calls this has the others, with Postgres."""
    os.sched_setaffinity(0, set(range(1, os.cpu_count())))
    server = Server(os.path.abspath(path)).start("--workers", "1")
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        os.sched_setaffinity(int(thread), {0})
    return server
