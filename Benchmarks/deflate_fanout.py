"""Fan-out of compressed messages: deliveries per second of server CPU, ours beside another server.

    python3 Benchmarks/deflate_fanout.py "WSLAB publish --deflate --port {port}" ["node SERVER.js {port} deflate" …]

Each server is pinned to the first core and visited in turn. Subscribers on /sub, one publisher on /pub; 16 messages are
published, and the next 16 once every subscriber has all of them. Only the server's own CPU counts, so that a slow reader
here changes little. Messages are JSON of which no two are equal.
"""

import json
import os
import random
import selectors
import shlex
import socket
import statistics
import struct
import subprocess
import sys
import time

PORT = 27150
WINDOW = 16
DELIVERIES = 192_000
REPETITIONS = 3
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


class Connection:
    """An open WebSocket that counts the frames it gets."""

    def __init__(self, path):
        self.frames = 0
        self.rest = b""
        self.compressed = False
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.sendall(REQUEST.format(path=path).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        assert b" 101 " in head and b"permessage-deflate" in head, head
        self.socket.setblocking(False)

    def read(self):
        data = self.rest + self.socket.recv(1 << 18)
        position = 0
        while len(data) - position >= 2:
            length, size = data[position + 1], 2
            if length == 126:
                if len(data) - position < 4:
                    break
                length, size = struct.unpack_from("!H", data, position + 2)[0], 4
            if len(data) - position < size + length:
                break
            self.compressed |= data[position] & 0x40 != 0
            position += size + length
            self.frames += 1
        self.rest = data[position:]


def message(generator, size):
    """A masked text frame with JSON of about `size` bytes."""
    operations = []
    while len(json.dumps(operations)) < size:
        path = f"/state/assets/{generator.randrange(10_000)}/owner"
        operations.append({"op": "replace", "path": path, "value": f"team-{generator.randrange(500)}"})
    payload = json.dumps(operations)[:size].encode()
    head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
    return head + bytes(4) + payload


def cpu_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(command, subscribers, size):
    """Deliveries per second of server CPU, and whether messages were compressed."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *shlex.split(command.format(port=PORT))], stdout=subprocess.DEVNULL
    )
    connections = []
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        connections += [Connection("/sub") for _ in range(subscribers)]
        publisher = Connection("/pub")
        selector = selectors.EpollSelector()
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        generator = random.Random(1)
        expected = 0
        bursts = DELIVERIES // (WINDOW * subscribers)
        for burst in range(bursts + 1):
            if burst == 1:  # The first one warms up.
                begin = cpu_seconds(process)
            publisher.socket.sendall(b"".join(message(generator, size) for _ in range(WINDOW)))
            expected += WINDOW
            missing = set(connections)
            while missing:
                for key, _ in selector.select():
                    key.data.read()
                    if key.data.frames >= expected:
                        missing.discard(key.data)
        spent = cpu_seconds(process) - begin
        return WINDOW * bursts * subscribers / spent, connections[0].compressed
    finally:
        process.kill()
        process.wait()
        for connection in connections:
            connection.socket.close()


def main():
    os.sched_setaffinity(0, {1})
    commands = sys.argv[1:] or sys.exit(__doc__)
    for subscribers in (1000, 5000):
        for size in (125, 1024):
            results = {command: [] for command in commands}
            for _ in range(REPETITIONS):
                for command in commands:
                    rate, compressed = measure(command, subscribers, size)
                    results[command].append(rate)
                    form = "deflate" if compressed else "plain"
                    print(f"{subscribers} x {size} B  {rate:12,.0f}/s  {form:8} {command}", flush=True)
            first, *others = [statistics.median(rates) for rates in results.values()]
            print(f"{subscribers} x {size} B  ratio to the others: {', '.join(f'{first / rate:.1f}' for rate in others)}")


main()
