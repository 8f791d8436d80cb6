"""The server under attack, and the client that must not notice."""

import os
import pathlib
import re
import subprocess
import sys
import time

from wire import frame, pin, receive_exactly, upgrade

PAUSE = 0.01
MESSAGE = b"the signal is green " * 3


def watch(port, seconds, results, tls=False):
    """Echoes a message every 10 ms; sends the worst delay in milliseconds, or what went wrong."""
    try:
        connection = upgrade(port, tls=tls)
        sent = frame(1, MESSAGE)
        worst = 0.0
        results.send("ready")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.monotonic()
            connection.sendall(sent)
            receive_exactly(connection, 2 + len(MESSAGE))
            worst = max(worst, time.monotonic() - begin)
            time.sleep(PAUSE)
        results.send(worst * 1000)
    except (ConnectionError, OSError) as error:
        results.send(f"the healthy client was cut: {error}")


class Lab:
    """One `wslab echo` with the product's limits, on the first core."""

    def __init__(self, binary, open_files=None, certificate=None):
        self.has_tls = certificate is not None
        prelude = ["prlimit", f"--nofile={open_files}:{open_files}"] if open_files else []
        self.process = subprocess.Popen(
            prelude
            + [
                binary, "echo", "--port", "0", "--workers", "1", "--deflate", "--max-message", str(1 << 20),
                "--max-frame", str(1 << 20), "--max-fragments", "1024", "--write-budget", str(1 << 20),
                "--max-frames-per-second", "5000",
            ]
            + (["--tls-cert", certificate[0], "--tls-key", certificate[1]] if certificate else []),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: pin(0),
            text=True,
        )
        line = self.process.stdout.readline()
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
        if not found:
            sys.exit(f"wslab did not start: {line}")
        self.port = int(found[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """Resident memory in MiB."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
