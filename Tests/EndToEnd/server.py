"""`signalbox dev` as a child process, with a data folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from ports import free_port
from waiting import until


def clean_environment(**variables):
    """The environment without anything that would configure the server, plus `variables`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIGNALBOX_", "PG")) and name not in ("PORT", "DATA_DIR")
    }
    return {**kept, **variables}


def postgres_of(folder):
    """The ids of the Postgres processes that work in (or below) a folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            work = os.readlink(entry / "cwd")
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if name == "postgres" and work.startswith(str(folder) + "/"):
            found.append(int(entry.name))
    return found


class Server:
    """Starts, stops, kills and restarts one server; its port and data folder stay the same."""

    def __init__(self, binary):
        self.binary = binary
        # Not pytest's own folder: Postgres's user must be able to get there when the tests run as root.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-e2e-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.port = free_port()
        self.output = self.folder / "output.txt"
        self.errors = self.folder / "errors.txt"
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def dev(self):
        """What the server says about itself in dev.json."""
        return json.loads((self.data / "dev.json").read_text())

    def login(self, role, tenant="acme"):
        """The demo user of a role."""
        users = next(entry["users"] for entry in self.dev["tenants"] if entry["name"] == tenant)
        return next(user for user in users if role in user["roles"])

    def spawn(self, *arguments, descriptors=(), open_files=None):
        """Starts the process without waiting for anything.

        `descriptors` are passed on the way systemd does it, `open_files` is the most that it may have.
        """
        prelude = "".join(f"exec {3 + index}<&{number}; " for index, number in enumerate(descriptors))
        if descriptors:
            prelude += f"export LISTEN_PID=$$ LISTEN_FDS={len(descriptors)}; "
        if open_files:
            prelude += f"ulimit -n {open_files}; "
        environment = clean_environment(PORT=str(self.port), DATA_DIR=str(self.data))
        with open(self.output, "w") as output, open(self.errors, "a") as errors:
            self.process = subprocess.Popen(
                ["bash", "-c", prelude + 'exec "$@"', "bash", self.binary, "dev", *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                pass_fds=descriptors,
                # A group of its own, as a shell gives to a foreground job.
                start_new_session=True,
            )

    def start(self, *arguments, seconds=60, **options):
        """Starts the process and waits until it says that it is ready."""
        self.spawn(*arguments, **options)

        def is_ready():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.errors.read_text()}"
            return " is ready at " in self.output.read_text()

        until(is_ready, "the server is ready", seconds)
        return self

    def refuse(self, *arguments, seconds=30, **options):
        """Runs a process that must end by itself; its exit code and what it wrote to standard error."""
        self.errors.write_text("")
        self.spawn(*arguments, **options)
        code = self.process.wait(timeout=seconds)
        return code, self.errors.read_text()

    def send(self, number):
        os.kill(self.process.pid, number)

    def wait(self, seconds=10):
        """Waits for the end; the exit code."""
        return self.process.wait(timeout=seconds)

    def stop(self, number=signal.SIGTERM):
        """Asks for the end; the exit code and the seconds it took."""
        begin = time.monotonic()
        self.send(number)
        return self.wait(), time.monotonic() - begin

    def kill(self):
        """The end without a warning."""
        self.process.kill()
        self.process.wait()

    def close(self):
        """Leaves nothing behind."""
        if self.process and self.process.poll() is None:
            self.kill()
        record = self.data / "cluster-path"
        elsewhere = pathlib.Path(record.read_text().strip()) if record.is_file() else None
        for folder in filter(None, [self.folder, elsewhere]):
            until(lambda: not postgres_of(folder), "Postgres has ended", 20)
            shutil.rmtree(folder)
