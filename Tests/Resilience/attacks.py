"""What ill-meaning or broken clients do. Each attack runs for about `seconds` and cleans up nothing."""

import contextlib
import random
import socket
import struct
import time
import zlib

from wire import connect, frame, hello, upgrade

ENDED = (ConnectionError, OSError, TimeoutError)


def until(seconds):
    """Turns of a loop that ends in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def slow_heads(port, seconds):
    """Heads that come byte by byte and never end."""
    connections = [connect(port) for _ in range(300)]
    text = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 10_000
    for position, _ in enumerate(until(seconds)):
        for connection in connections:
            with contextlib.suppress(*ENDED):
                connection.send(text[position : position + 1])


def slow_bodies(port, seconds):
    """Contents that come byte by byte."""
    connections = [connect(port) for _ in range(300)]
    for connection in connections:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
    for _ in until(seconds):
        for connection in connections:
            with contextlib.suppress(*ENDED):
                connection.send(b"x")


def slow_readers(port, seconds):
    """Clients that ask for much and take nothing."""
    connections = [upgrade(port, receive_buffer=4096) for _ in range(30)]
    message = frame(2, bytes(60_000))
    for connection in connections:
        connection.setblocking(False)
    for _ in until(seconds):
        for connection in connections:
            with contextlib.suppress(*ENDED):
                connection.send(message)


def ping_floods(port, seconds):
    """As many pings as the server takes, and new connections when it has had enough."""
    pings = frame(9) * 5000
    flooders = []
    for _ in until(seconds):
        while len(flooders) < 20:
            flooder = upgrade(port)
            flooder.setblocking(False)
            flooders.append(flooder)
        for flooder in list(flooders):
            try:
                flooder.send(pings)
                while flooder.recv(65536):
                    pass
            except BlockingIOError:
                continue
            except ENDED:
                pass
            flooder.close()
            flooders.remove(flooder)


def fragment_bombs(port, seconds):
    """Messages of countless empty and tiny fragments."""
    bomb = frame(2, b"", final=False) + frame(0, b"", final=False) * 4000 + frame(0, b"x", final=False) * 4000
    for _ in until(seconds):
        with contextlib.suppress(*ENDED):
            for connection in [upgrade(port) for _ in range(5)]:
                connection.sendall(bomb)


def deflate_bombs(port, seconds):
    """Little that inflates to much."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = compressor.compress(bytes(200 << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    bomb = frame(2, payload[:-4], compressed=True)
    for _ in until(seconds):
        with contextlib.suppress(*ENDED):
            for connection in [upgrade(port, "permessage-deflate") for _ in range(5)]:
                connection.sendall(bomb)


def resets(port, seconds):
    """Connections that end with a reset at once, in a handshake or in a message."""
    linger = struct.pack("ii", 1, 0)
    for turn, _ in enumerate(until(seconds)):
        with contextlib.suppress(*ENDED):
            connection = upgrade(port) if turn % 3 == 0 else connect(port)
            if turn % 3 == 1:
                connection.sendall(b"GET /echo HTTP/1.1\r\nHo")
            if turn % 3 == 0:
                connection.sendall(frame(2, bytes(5000))[:100])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()


def half_open(port, seconds):
    """Clients that have ended their side, or say nothing at all, and stay."""
    connections = [connect(port) for _ in range(200)] + [upgrade(port) for _ in range(200)]
    for connection in connections[::2]:
        with contextlib.suppress(*ENDED):
            connection.shutdown(socket.SHUT_WR)
    time.sleep(seconds)


def storms(port, seconds):
    """Waves of hundreds of connections at once."""
    for _ in until(seconds):
        wave = []
        for _ in range(300):
            connection = socket.socket()
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.connect(("127.0.0.1", port))
            wave.append(connection)
        for connection in wave:
            connection.close()


def garbage(port, seconds):
    """Bytes that are nothing, as requests and as frames."""
    generator = random.Random(1)
    for _ in until(seconds):
        with contextlib.suppress(*ENDED):
            connect(port).sendall(generator.randbytes(4000))
            upgrade(port).sendall(generator.randbytes(4000))


def many_connections(port, seconds):
    """More connections than the server has descriptors for."""
    connections = []
    for _ in until(seconds):
        while len(connections) < 500:
            with contextlib.suppress(*ENDED):
                connections.append(connect(port, seconds=1))
                continue
            break
        time.sleep(0.01)


def in_step(connections, seconds, payload, period):
    """Every client sends the same at the same moment, again and again, and takes what comes.

    Most by themselves keep to every limit; it is their sum that must not hold up the others.
    """
    for connection in connections:
        connection.setblocking(False)
    rest = {connection: b"" for connection in connections}
    next_wave = time.monotonic()
    for _ in until(seconds):
        if time.monotonic() >= next_wave:
            next_wave = time.monotonic() + period
            for connection in rest:
                rest[connection] = rest[connection] or payload
        for connection in rest:
            with contextlib.suppress(BlockingIOError):
                if rest[connection]:
                    rest[connection] = rest[connection][connection.send(rest[connection]) :]
            with contextlib.suppress(BlockingIOError):
                connection.recv(1 << 20)


def inflating_in_step(port, seconds):
    """Messages of a thousand bytes that inflate to just what one may be, from many at once."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    message = frame(2, payload[:-4], compressed=True)
    in_step([upgrade(port, "permessage-deflate") for _ in range(COMRADES)], seconds, message, 0.2)


def empty_blocks_in_step(port, seconds):
    """Much that inflates to nothing: each block is a code table and the end of the block."""
    lengths = [0, 0, 1] + [0] * 14 + [1]  # Of the codes for "zeros" and "one bit", in the order of RFC 1951, 3.2.7.
    bits = "0" + "01" + "00000" + "00000" + f"{len(lengths) - 4:04b}"[::-1]
    bits += "".join(f"{length:03b}"[::-1] for length in lengths)
    bits += "1" + f"{138 - 11:07b}"[::-1] + "1" + f"{118 - 11:07b}"[::-1] + "0" + "0" + "0"
    bits *= 8
    block = bytes(int(bits[start : start + 8][::-1], 2) for start in range(0, len(bits), 8))
    assert zlib.decompressobj(-15).decompress(block) == b""
    message = frame(2, block * (120_000 // len(block)), compressed=True)
    in_step([upgrade(port, "permessage-deflate") for _ in range(COMRADES)], seconds, message, 0.2)


def compressing_in_step(port, seconds):
    """Messages that the server inflates and, to answer, compresses again."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"".join(b"%d apples and %d pears, " % (number, number * number) for number in range(20_000))
    payload = compressor.compress(text[: 256 * 1024]) + compressor.flush(zlib.Z_SYNC_FLUSH)
    message = frame(2, payload[:-4], compressed=True)
    in_step([upgrade(port, "permessage-deflate") for _ in range(COMRADES)], seconds, message, 0.2)


def pings_in_step(port, seconds):
    """As many pings a second as are allowed, all at once."""
    in_step([upgrade(port) for _ in range(COMRADES)], seconds, frame(9) * 4900, 1.1)


def fragments_in_step(port, seconds):
    """Messages of as many fragments as are allowed, as many a second as are allowed, all at once."""
    message = frame(2, b"", final=False) + frame(0, b"x", final=False) * 1000 + frame(0, b"x")
    in_step([upgrade(port) for _ in range(COMRADES)], seconds, message * 4, 1.1)


def messages_in_step(port, seconds):
    """As many messages a second as are allowed, all at once."""
    in_step([upgrade(port) for _ in range(COMRADES)], seconds, frame(2, b"x") * 4900, 1.1)


def chunks_in_step(port, seconds):
    """Contents in chunks of one byte."""
    head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    request = head + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
    in_step([connect(port) for _ in range(COMRADES)], seconds, request, 0.2)


def pipelines_in_step(port, seconds):
    """Small requests, thousands of them at once on each connection."""
    requests = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3000
    in_step([connect(port) for _ in range(COMRADES)], seconds, requests, 0.2)


def talking_on(port, seconds):
    """Clients that were told to go, and go on."""
    in_step([upgrade(port) for _ in range(COMRADES)], seconds, frame(9) * 20_000, 0.05)


def large_in_step(port, seconds):
    """Messages that are whole with the same moment's last byte, and take long to compress again."""
    text = b"".join(b"%d apples and %d pears, " % (number, number * number) for number in range(60_000))
    message = frame(2, text[: 1 << 20])
    connections = [upgrade(port, "permessage-deflate") for _ in range(COMRADES // 2)]
    with contextlib.suppress(*ENDED):
        for connection in connections:
            connection.sendall(message[:-1])
        for connection in connections:
            connection.sendall(message[-1:])
    in_step(connections, seconds, b"", 1)


def handshakes_in_step(port, seconds):
    """Clients that begin a TLS handshake and leave."""
    first = hello()
    for _ in until(seconds):
        wave = []
        with contextlib.suppress(*ENDED):
            for _ in range(COMRADES):
                wave.append(connect(port))
        for connection in wave:
            with contextlib.suppress(*ENDED):
                connection.sendall(first)
        for connection in wave:
            connection.close()


# As many as one address may have open at the product's limits.
COMRADES = 250

ATTACKS = [
    slow_heads, slow_bodies, slow_readers, ping_floods, fragment_bombs, deflate_bombs, resets, half_open, storms, garbage,
    inflating_in_step, empty_blocks_in_step, compressing_in_step, pings_in_step, fragments_in_step, messages_in_step,
    chunks_in_step, pipelines_in_step, talking_on, large_in_step,
]
