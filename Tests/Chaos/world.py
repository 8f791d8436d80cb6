"""What a scenario happens to: Postgres behind a proxy, two nodes, and a small disk where one can be had."""

import concurrent.futures
import contextlib
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import uuid

from cluster import DATABASE, Cluster
from node import Node, environment
from proxy import Proxy

TENANT = "chaos"
SUBJECTS = {"writer": "agent", "watcher": "reviewer", "alice": "reviewer", "bob": "reviewer"}
DISK_MEGABYTES = 96


class World:
    """Built whole or not at all; `close` leaves nothing behind."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-chaos-"))
        # Postgres's user must be able to get there.
        self.folder.chmod(0o755)
        self.clusters, self.nodes, self.proxy, self.disks = [], [], None, {}
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self):
        for name in ("wal", "space"):
            self._mount(name)
        self.cluster = Cluster(self.folder / "primary", wal=self.disks.get("wal"))
        # Before it is started: what is started must be found by `close`.
        self.clusters.append(self.cluster)
        self.cluster.initialise().start()
        self.cluster.sql("CREATE ROLE signalbox LOGIN CREATEROLE", "postgres")
        space = ""
        if "space" in self.disks:
            shutil.chown(self.disks["space"], "postgres", "postgres")
            self.cluster.sql(f"CREATE TABLESPACE small LOCATION '{self.disks['space']}'", "postgres")
            space = "TABLESPACE small"
        self.cluster.sql(f"CREATE DATABASE {DATABASE} OWNER signalbox {space}", "postgres")
        self.proxy = Proxy(self.cluster.port)
        self.settings = {
            "SIGNALBOX_DATABASE_URL": f"postgresql://signalbox@127.0.0.1:{self.proxy.port}/{DATABASE}",
            "SIGNALBOX_JWT_SECRET": secrets.token_hex(32),
            "SIGNALBOX_WORKERS": "2",
            # A binary that was built elsewhere does not find it.
            "SIGNALBOX_WEB_ROOT": str(pathlib.Path(__file__).resolve().parents[2] / "web-static"),
        }
        self.command("migrate")
        self.tenant = str(uuid.uuid4())
        self.cluster.sql(f"INSERT INTO signalbox.tenants (id, name) VALUES ('{self.tenant}', '{TENANT}')")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            self.tokens = dict(zip(SUBJECTS, pool.map(self._token, SUBJECTS)))
        for number in (1, 2):
            self.nodes.append(Node(number, self.binary, self.folder, self.settings))
            self.nodes[-1].start()

    def _token(self, subject):
        given = {"tenant": TENANT, "subject": subject, "roles": SUBJECTS[subject], "lifetime": "6h"}
        return self.command("token", *(part for name, value in given.items() for part in (f"--{name}", value))).strip()

    def _mount(self, name):
        """A disk that can be filled. Only root can have one."""
        place = self.folder / name
        place.mkdir()
        size = f"size={DISK_MEGABYTES}m"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True).returncode == 0:
            self.disks[name] = place

    def command(self, *arguments):
        """Runs one of the program's other commands; what it printed."""
        done = subprocess.run(
            [self.binary, *arguments], cwd=self.folder, env=environment(**self.settings), text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )
        assert done.returncode == 0, f"signalbox {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def replica(self):
        """Adds a replica that streams from the primary."""
        replica = Cluster(self.folder / f"replica-{len(self.clusters)}")
        self.clusters.append(replica)
        moved = [f"--tablespace-mapping={self.disks['space']}={replica.folder}/space"] if "space" in self.disks else []
        return replica.copy_of(self.cluster, "standby", *moved).start()

    def report(self):
        """The logs, for whoever has to find out what went wrong."""
        parts = [(f"node {node.number}", node.tail()) for node in self.nodes]
        parts += [(cluster.folder.name, cluster.tail()) for cluster in self.clusters]
        return "\n".join(f"── {name}\n{text}" for name, text in parts)

    def close(self):
        """Ends everything; what cannot be ended keeps nothing else from it."""
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            for place in self.disks.values():
                stack.callback(subprocess.run, ["umount", place], check=True)
            for cluster in self.clusters:
                stack.callback(cluster.close)
            if self.proxy:
                stack.callback(self.proxy.close)
            for node in self.nodes:
                stack.callback(node.close)
