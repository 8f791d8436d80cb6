"""A PostgreSQL 15 of the checker's own, which keeps what it has acknowledged (fsync is on), and its replica."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess

from basics import free_port, tail, until

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
DATABASE = "signalbox"

# Crash recovery and checkpoints are to happen within a run of seconds; the WAL has to fit a small disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "on", "synchronous_commit": "on", "shared_buffers": "64MB",
    "max_connections": "100", "min_wal_size": "8MB", "max_wal_size": "16MB", "checkpoint_timeout": "30s",
    "log_line_prefix": "%m [%p] ",
}


def lowered():
    """Postgres refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []


def run(program, *arguments, seconds=60):
    """Runs one of Postgres's programs; what it printed."""
    done = subprocess.run(
        [*lowered(), PROGRAMS / program, *arguments], cwd="/", stdin=subprocess.DEVNULL, text=True,
        capture_output=True, timeout=seconds,
    )
    assert done.returncode == 0, f"{program} {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"
    return done.stdout


class Cluster:
    """One data folder and the server on it, which may be stopped and killed in every way."""

    def __init__(self, folder, wal=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            for place in filter(None, [self.folder, wal]):
                os.chown(place, account.pw_uid, account.pw_gid)
        self.data = self.folder / "data"
        self.wal = wal
        self.port = free_port()
        self.settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        self.process = None

    def initialise(self):
        place = [f"--waldir={self.wal}/wal"] if self.wal else []
        run("initdb", f"--pgdata={self.data}", "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync", *place)
        return self

    def copy_of(self, primary, name, *options):
        """Makes this a streaming replica. Once it is the primary, its commits wait for nobody."""
        run("pg_basebackup", "-h", primary.folder, "-p", str(primary.port), "-U", "postgres", "-D", self.data,
            "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync", *options)
        connection = f"host={primary.folder} port={primary.port} user=postgres application_name={name}"
        self.settings |= {"primary_conninfo": connection, "synchronous_standby_names": ""}
        return self

    def start(self, wait=True):
        self.process = self._spawn()
        if wait:
            until(self.answers, "Postgres answers", 30)
        return self

    def _spawn(self):
        given = [part for name, value in {**self.settings, "port": str(self.port)}.items()
                 for part in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [*lowered(), PROGRAMS / "postgres", "-D", self.data, *given], cwd="/", stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )

    def stop(self, mode="fast"):
        """`fast` ends all sessions and writes everything, `immediate` is a crash with the recovery that follows."""
        self.process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        self.process.wait(timeout=60)

    def kill(self):
        """The end without a warning. Its children notice by themselves; a new start has to wait for that."""
        self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process is None or self.process.poll() is not None

    def answers(self):
        """Whether it takes statements; fails when the server has ended instead."""
        assert not self.has_ended(), f"Postgres has ended: {self.tail()}"
        return self._psql("SELECT 1").returncode == 0

    def sql(self, text, database=DATABASE):
        """What a statement gives: one line for each row, the columns being separated by tabs."""
        done = self._psql(text, database)
        assert done.returncode == 0, f"psql: {done.stderr}"
        return done.stdout

    def tries(self, text):
        """Whether a statement succeeds."""
        return self._psql(text, DATABASE).returncode == 0

    def _psql(self, text, database="postgres"):
        # Past the proxy: what is stored is judged, not how it is reached.
        return subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", "postgres", database],
            input=text, text=True, capture_output=True, timeout=60,
        )

    def promote(self):
        """Makes a replica the primary."""
        run("pg_ctl", "promote", "-D", self.data, "--wait")

    def tail(self, lines=25):
        return tail(self.folder / "log", lines)

    def close(self):
        if not self.has_ended():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
