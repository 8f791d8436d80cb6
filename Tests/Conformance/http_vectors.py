#!/usr/bin/env python3
"""Runs the public HTTP/1.1 request vectors over real sockets against a server that echoes any content.

http_vectors.py PORT FOLDER [--seed N]: FOLDER holds *.json, lists of {name, raw_b64, expect, responses?}. Each vector is
sent whole and cut at random places; both must be met and must agree. Prints what was not met and exits with 1 then.
"""
import argparse
import asyncio
import base64
import json
import pathlib
import random
import re
import sys

# A server that has something to say says it at once on loopback; only the verdict "wait" is measured by it.
SILENCE = 0.5
HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r$")


class Answer:
    """The final responses on one connection, and whether the server ended it."""

    def __init__(self):
        self.bytes = b""
        self.statuses = []
        self.ended = False

    def take(self, data):
        self.bytes += data
        while match := HEAD.match(self.bytes):
            status = int(match[1])
            length = LENGTH.search(match[2])
            size = int(length[1]) if length and status >= 200 else 0
            if len(self.bytes) < match.end() + size:
                return
            self.bytes = self.bytes[match.end() + size:]
            if status >= 200 or status == 101:
                self.statuses.append(status)

    @property
    def accepted(self):
        return sum(1 for status in self.statuses if status < 400)

    @property
    def refused(self):
        # What is no HTTP ends the connection; a handshake that cannot be met leaves it as good as it was.
        return 426 in self.statuses or self.ended and any(status >= 400 for status in self.statuses)

    def __eq__(self, other):
        return (self.statuses, self.ended) == (other.statuses, other.ended)

    def __str__(self):
        return f"{self.statuses}{' then end' if self.ended else ' then silence'}"


async def ask(port, pieces):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = Answer()
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            if len(pieces) > 1:
                # Lets the server read this piece by itself.
                await asyncio.sleep(0.002)
        while True:
            data = await asyncio.wait_for(reader.read(65536), SILENCE)
            if not data:
                answer.ended = True
                break
            answer.take(data)
    except asyncio.TimeoutError:
        pass
    except ConnectionError:
        answer.ended = True
    finally:
        writer.transport.abort()
    return answer


def fault(vector, answer):
    expect = vector["expect"]
    waits = not answer.ended and not answer.refused
    if expect == "reject":
        return None if answer.refused or (answer.ended and not answer.accepted) else "not refused"
    if expect == "reject-or-wait":
        return None if answer.refused or not answer.accepted else "accepted"
    if expect == "wait":
        return None if waits and not answer.statuses else "did not wait"
    if expect == "accept":
        wanted = vector.get("responses")
        if not answer.accepted:
            return "not accepted"
        return None if wanted is None or answer.accepted == wanted else f"not {wanted} responses"
    return None if expect == "any" else f"unknown verdict {expect}"


async def judge(port, vector, generator, gate):
    raw = base64.b64decode(vector["raw_b64"])
    cuts = sorted(generator.sample(range(1, len(raw)), min(6, len(raw) - 1))) if len(raw) > 1 else []
    pieces = [raw[start:end] for start, end in zip([0] + cuts, cuts + [len(raw)])]
    async with gate:
        whole = await ask(port, [raw])
        cut = await ask(port, pieces)
    problem = fault(vector, whole) or fault(vector, cut)
    if problem is None and whole != cut:
        problem = f"differs when cut at {cuts}: {cut}"
    return problem and f"{vector['name']}: {vector['expect']}, but {problem}: {whole} ({vector.get('why', '')})"


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    vectors = [vector for file in sorted(options.folder.glob("*.json")) for vector in json.loads(file.read_text())]
    if not vectors:
        sys.exit(f"{options.folder} holds no vectors.")
    generator = random.Random(options.seed)
    gate = asyncio.Semaphore(64)
    problems = await asyncio.gather(*[judge(options.port, vector, generator, gate) for vector in vectors])
    problems = [problem for problem in problems if problem]
    for problem in problems:
        print(problem)
    print(f"{len(vectors) - len(problems)} of {len(vectors)} vectors met, whole and cut (seed {options.seed})")
    sys.exit(1 if problems else 0)


asyncio.run(main())
