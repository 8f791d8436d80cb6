"""Many slow watchers of a busy flow: python3 Benchmarks/slow_clients.py SIGNALBOX [CLIENTS].

CLIENTS (1,000) WebSockets take 16 KB/s each while a flow takes as many patches as the writers manage, 500/s at most. Told are:
the server's memory for each of them, how many were disconnected, how long a prompt takes to reach the last of them, and
the delay of patches to watchers that keep up, without and with the slow ones. The server has the first core.
"""

import json
import multiprocessing
import os
import pathlib
import socket
import statistics
import struct
import sys
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/EndToEnd"))
from server import Server  # noqa: E402

RATE = 16_000
TICK = 0.25
PATCHES = 500
MEMBERS = 20
SECONDS = 15


class Client:
    """One WebSocket of `signalbox.v1` on a blocking socket."""

    def __init__(self, port, token, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
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
        self.request("hello", {"token": token})
        self.wait(self.next_id)

    def send(self, message):
        payload = json.dumps(message).encode()
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        # A mask of zeros leaves the payload as it is.
        self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + payload)

    def request(self, method, params):
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})

    def acknowledge(self, stream, seq):
        self.send({"jsonrpc": "2.0", "method": "ack", "params": {"stream": stream, "seq": seq}})

    def take(self, data):
        """The messages that are whole with these bytes; a ping is answered, a close is an error."""
        self.buffer += data
        messages = []
        while len(self.buffer) >= 2:
            size, start = self.buffer[1], 2
            if size == 126:
                if len(self.buffer) < 4:
                    break
                size, start = struct.unpack("!H", self.buffer[2:4])[0], 4
            elif size == 127:
                if len(self.buffer) < 10:
                    break
                size, start = struct.unpack("!Q", self.buffer[2:10])[0], 10
            if len(self.buffer) < start + size:
                break
            opcode, payload = self.buffer[0] & 15, self.buffer[start:start + size]
            self.buffer = self.buffer[start + size:]
            if opcode == 8:
                raise ConnectionError(f"closed: {payload}")
            if opcode == 9:
                self.socket.sendall(b"\x8a" + bytes([0x80 | size]) + b"\0\0\0\0" + payload)
            elif opcode == 1:
                messages.append(json.loads(payload))
        return messages

    def wait(self, number):
        while True:
            for message in self.take(self.socket.recv(1 << 16)):
                if message.get("id") == number:
                    assert "result" in message, message
                    return message["result"]


def slow(port, token, stream, count, tell):
    """A process with all slow clients: each takes a quarter of a second's bytes four times a second."""
    clients = []
    for _ in range(count):
        client = Client(port, token, receive_buffer=8192)
        client.request("subscribe", {"stream": stream})
        client.wait(client.next_id)
        client.socket.setblocking(False)
        clients.append(client)
    tell.put(("ready", time.monotonic()))
    lost, prompted = 0, 0
    while True:
        begin = time.monotonic()
        for client in list(clients):
            try:
                messages = client.take(client.socket.recv(int(RATE * TICK)))
            except BlockingIOError:
                continue
            except (ConnectionError, OSError) as error:
                clients.remove(client)
                lost += 1
                tell.put(("lost", str(error)))
                continue
            events = [message["params"] for message in messages if message.get("method") in ("event", "snapshot")]
            if events:
                client.acknowledge(stream, events[-1]["seq"])
            if any("signalbox.prompt.opened" in json.dumps(params.get("event", {})) for params in events):
                prompted += 1
                if prompted == len(clients):
                    tell.put(("prompted", time.monotonic()))
        time.sleep(max(0.0, TICK - (time.monotonic() - begin)))


def call(server, method, path, body, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def token_of(server, role):
    user = server.login(role)
    body = {"tenant": "acme", "email": user["email"], "password": user["password"]}
    return call(server, "POST", "/v1/auth/login", body)["access_token"]


class Load:
    """Writers that patch a flow, and a watcher that keeps up and takes the time of each patch."""

    def __init__(self, server, token, flow):
        self.stream, self.flow = f"flow:{flow}", flow
        self.writers = [Client(server.port, token) for _ in range(8)]
        self.watcher = Client(server.port, token)
        self.watcher.request("subscribe", {"stream": self.stream})
        self.watcher.wait(self.watcher.next_id)
        self.delays, self.written, self.stopped, self.ended = [], 0, False, False
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.ended:
            for message in self.watcher.take(self.watcher.socket.recv(1 << 16)):
                if message.get("method") != "event":
                    continue
                now = time.time()
                for operation in message["params"]["event"].get("delta", []):
                    self.delays.append(now - operation["value"]["at"])
                self.watcher.acknowledge(self.stream, message["params"]["seq"])

    def write(self, writer):
        begin, count = time.monotonic(), 0
        while not self.stopped:
            value = {"at": time.time(), "text": "a little of what an agent says about its progress"}
            patch = [{"op": "replace", "path": f"/m{count % MEMBERS}", "value": value}]
            writer.request("patch", {"flow": self.flow, "patch": patch})
            writer.wait(writer.next_id)
            count += 1
            self.written += 1
            time.sleep(max(0.0, begin + count * len(self.writers) / PATCHES - time.monotonic()))

    def run(self, seconds):
        """The median and 99th percentile of the delays, in ms, and the patches per second."""
        self.delays, self.written, self.stopped = [], 0, False
        threads = [threading.Thread(target=self.write, args=[writer]) for writer in self.writers]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.stopped = True
        for thread in threads:
            thread.join()
        delays = sorted(delay * 1000 for delay in self.delays)
        return statistics.median(delays), delays[int(len(delays) * 0.99)], self.written / seconds


def resident(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    server = Server(os.path.abspath(sys.argv[1])).start()
    os.sched_setaffinity(server.process.pid, {0})
    try:
        admin, reviewer = token_of(server, "admin"), token_of(server, "reviewer")
        state = {f"m{n}": {"at": 0, "text": ""} for n in range(MEMBERS)}
        flow = call(server, "POST", "/v1/flows", {"type": "external", "state": state}, admin)["id"]
        load = Load(server, admin, flow)
        load.run(3)
        print("delay of patches, median %.1f ms, p99 %.1f ms, at %.0f/s: nobody slow" % load.run(SECONDS), flush=True)
        before = resident(server.process.pid)
        tell = multiprocessing.Queue()
        arguments = (server.port, reviewer, load.stream, count, tell)
        multiprocessing.Process(target=slow, args=arguments, daemon=True).start()
        assert tell.get()[0] == "ready"
        idle = resident(server.process.pid)
        writing = threading.Thread(
            target=lambda: print(
                f"delay of patches, median %.1f ms, p99 %.1f ms, at %.0f/s: {count} slow" % load.run(SECONDS + 5),
                flush=True,
            )
        )
        writing.start()
        time.sleep(SECONDS)
        busy = resident(server.process.pid)
        draft = {"step": "s", "kind": "confirmation", "title": "Go on?", "allowed": ["approve"]}
        asked = time.monotonic()
        call(server, "POST", f"/v1/flows/{flow}/prompts", draft, admin)
        kind, when = tell.get(timeout=30)
        lost = 0
        while kind == "lost":
            lost += 1
            kind, when = tell.get(timeout=30)
        writing.join()
        print(f"the prompt reached the last of them after {when - asked:.2f} s; {lost} were disconnected")
        print(f"memory for each: {(idle - before) / count:,.0f} bytes idle, {(busy - before) / count:,.0f} under load")
        load.ended = True
        time.sleep(TICK)
    finally:
        server.stop()


main()
