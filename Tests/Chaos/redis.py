"""A Redis of the checker's own between the nodes, which keeps nothing and may end, stand still and lose what it carries."""

import os
import pathlib
import signal
import socket
import subprocess

from basics import free_port, tail, until

# Debian's package of tools has the server under another name; it becomes what it is called.
PROGRAMS = ("/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/redis-check-rdb")


def is_there():
    """Whether this machine has a Redis."""
    return any(os.access(program, os.X_OK) for program in PROGRAMS)


class Redis:
    """Its port stays the same for all its lives."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        program = next(program for program in PROGRAMS if os.access(program, os.X_OK))
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                executable=program, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        until(lambda: self.says("PING") == "+PONG", "Redis answers", 20)
        return self

    def says(self, *words):
        """The first line of the answer to a command; None when there is no answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall((" ".join(words) + "\r\n").encode())
                return connection.makefile().readline().strip()
        except OSError:
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stand_still(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def cut(self):
        """Ends the connections that publish and those that listen, as an administrator would."""
        self.says("CLIENT", "KILL", "TYPE", "normal")
        self.says("CLIENT", "KILL", "TYPE", "pubsub")

    def tail(self, lines=25):
        return tail(self.folder / "log", lines)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
