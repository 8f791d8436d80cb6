"""One `signalbox serve`, and the eye that asks it whether it is ready."""

import http.client
import os
import pathlib
import subprocess
import threading
import time

from basics import free_port, tail, until


def environment(**variables):
    """The environment without anything that would configure the server, plus `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNALBOX_", "PG"))}
    return {**kept, **variables}


class Node:
    """Its port stays the same for all its lives."""

    def __init__(self, number, binary, folder, settings):
        self.number, self.binary, self.settings = number, binary, settings
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.log = self.folder / f"node-{number}.log"
        self.process = None

    def start(self, seconds=20):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--port", str(self.port)], cwd=self.folder, env=environment(**self.settings),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        until(self._is_up, f"node {self.number} is ready", seconds)
        return self

    def _is_up(self):
        assert self.process.poll() is None, f"node {self.number} ended with {self.process.returncode}: {self.tail()}"
        return self.readiness(2)[0] == 200

    def kill(self):
        self.process.kill()
        self.process.wait()

    def readiness(self, patience):
        """The status that /readyz gives and what it says; None when it does not answer in time."""
        return self._get("/readyz", patience)

    def figure(self, name):
        """One of the figures at /metrics, with its labels."""
        status, text = self._get("/metrics", 5)
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
        assert status == 200, f"node {self.number} gives no metrics: {status} {text}"
        return int(dict(lines)[f"signalbox_{name}"])

    def _get(self, path, patience):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return None, str(error)
        finally:
            connection.close()

    def tail(self, lines=30):
        return tail(self.log, lines)

    def close(self):
        """An end as an operator would ask for it, so that it is seen to work as well."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()


class Prober(threading.Thread):
    """Asks a node again and again whether it is ready, as a load balancer would, and notes when it said what."""

    PATIENCE = 2.0

    def __init__(self, work, node):
        super().__init__(name=f"prober-{node.number}", daemon=True)
        self.work, self.node = work, node

    def run(self):
        while not self.work.is_over.wait(0.1):
            asked = time.monotonic()
            status, _ = self.node.readiness(self.PATIENCE)
            self.work.ledger.health.append((self.node.number, asked, time.monotonic(), status))
