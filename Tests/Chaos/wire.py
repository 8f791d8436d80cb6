"""HTTP and WebSocket as a script would use them; what matters is whether a call was sent, and whether answered."""

import base64
import collections
import http.client
import json
import os
import socket
import struct
import time
from dataclasses import dataclass


class NotSent(Exception):
    """There was no connection: nothing can have happened."""


class NoAnswer(Exception):
    """The call was sent, and the connection ended before its answer, or the answer did not come in time."""


@dataclass
class Answer:
    """What a call was answered with; `code` is that of the problem, None for a success."""

    status: int
    code: str | None
    body: object

    def __str__(self):
        return f"{self.status} {self.code or 'ok'} {json.dumps(self.body)[:300]}"


class Api:
    """HTTP calls as one subject, one after the other, over a connection that is kept."""

    def __init__(self, port, token, patience):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        self.token = token

    def call(self, method, path, body=None, headers=None, kind="application/json"):
        """The answer, or `NotSent` or `NoAnswer`."""
        everything = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            everything["Content-Type"] = kind
        if self.connection.sock is None:
            try:
                self.connection.connect()
            except OSError as error:
                raise NotSent(str(error)) from error
        try:
            self.connection.request(method, path, json.dumps(body) if body is not None else None, everything)
            with self.connection.getresponse() as response:
                status, text = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        content = json.loads(text) if text else {}
        return Answer(status, None if status < 400 else content.get("code", "?"), content)

    def close(self):
        self.connection.close()


class Socket:
    """One WebSocket of `signalbox.v1`, after `hello`. What comes while an answer is waited for is kept in order."""

    def __init__(self, port, token, patience):
        self.patience = patience
        self.buffer = b""
        self.waiting = collections.deque()
        self.last_id = 0
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        except OSError as error:
            raise NotSent(str(error)) from error
        try:
            self._open(token)
        except (NoAnswer, OSError) as error:
            self.socket.close()
            raise NotSent(str(error)) from error

    def _open(self, token):
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(
            b"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n"
            b"Sec-WebSocket-Protocol: signalbox.v1\r\n\r\n"
        )
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                raise NoAnswer("the handshake was not answered")
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise NoAnswer(f"the handshake was answered with {head[:200]}")
        answer = self.call("hello", {"token": token})
        if answer.code:
            raise NoAnswer(f"hello was answered with {answer}")

    def send(self, message):
        payload = json.dumps({"jsonrpc": "2.0", **message}).encode()
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        try:
            # A mask of zeros leaves the payload as it is.
            self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + payload)
        except OSError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error

    def call(self, method, params):
        """The answer to a request, or `NoAnswer`."""
        self.last_id += 1
        self.send({"id": self.last_id, "method": method, "params": params})
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            answer = None
            for message in self._receive(end - time.monotonic()):
                if message.get("id") != self.last_id:
                    self.waiting.append(message)
                elif "error" in message:
                    data = message["error"]["data"]
                    answer = Answer(data["status"], data["code"], data)
                else:
                    answer = Answer(200, None, message["result"])
            if answer:
                return answer
        raise NoAnswer(f"{method} was not answered within {self.patience} s")

    def receive(self, seconds):
        """The messages that came, after at most so long a wait."""
        if self.waiting:
            messages, self.waiting = list(self.waiting), collections.deque()
            return messages
        return self._receive(seconds)

    def _receive(self, seconds):
        messages = self._take()
        if messages:
            return messages
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data = self.socket.recv(1 << 18)
        except TimeoutError:
            return []
        except OSError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            self.socket.settimeout(self.patience)
        if not data:
            raise NoAnswer("the connection has ended")
        self.buffer += data
        return self._take()

    def _take(self):
        messages, buffer, offset = [], self.buffer, 0
        while len(buffer) >= offset + 2:
            size, start = buffer[offset + 1], offset + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if len(buffer) < start + width:
                    break
                size, start = int.from_bytes(buffer[start:start + width], "big"), start + width
            if len(buffer) < start + size:
                break
            opcode, payload = buffer[offset] & 15, buffer[start:start + size]
            offset = start + size
            if opcode == 8:
                raise NoAnswer(f"closed with {int.from_bytes(payload[:2], 'big')} {payload[2:].decode()}")
            if opcode == 9:
                self.socket.sendall(b"\x8a" + bytes([0x80 | size]) + b"\0\0\0\0" + payload)
            elif opcode == 1:
                messages.append(json.loads(payload))
        self.buffer = buffer[offset:]
        return messages

    def close(self):
        self.socket.close()
