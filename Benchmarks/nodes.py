"""From the commit to the subscriber, on one node and across three: python3 Benchmarks/nodes.py SIGNALBOX [SECONDS].

Postgres writes to disk for every commit. WRITERS sockets patch FLOWS flows (200 bytes of state), each of which one socket
watches.

1. One node: the patches per second that are answered when every writer has several under way, from socket to socket.
2. One node, half of that: from the answer of a patch, which is sent once it is committed, to its event at the subscriber, and
   from the request to the event.
3. Three nodes on the database, the same load, written on the first: the same for the watchers of each node, and the rows that the
   database had to read for a patch, beside those it read for one node.

When bytes reached a socket is what the kernel noted. Everything runs on this machine, clients and database included.
"""

import http.client
import json
import multiprocessing
import os
import pathlib
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/Chaos"))
from cluster import DATABASE, Cluster  # noqa: E402
from node import Node, environment  # noqa: E402

from clients import Client, percentile, seq_of  # noqa: E402

FLOWS = 1000
WRITERS = 40
UNDER_WAY = 16
NODES = 3
WATCHED_AT_ONCE = 100
PROCESSES = 2


def patch_all(port, token, flows, sockets, seconds, rate, tell):
    """Patches the flows in turn: as fast as answers come, or so often a second. Tells when each patch was sent and answered."""
    clients = {}
    poll = select.epoll()
    for _ in range(sockets):
        client = Client(port, token)
        client.stamp()
        clients[client.socket.fileno()] = client
        client.sent, client.free = {}, UNDER_WAY
        poll.register(client.socket, select.EPOLLIN)
    order = list(clients.values())
    began = time.time()
    end, number, times = began + seconds, 0, []

    def send(client):
        nonlocal number
        flow = flows[number % len(flows)]
        number += 1
        client.free -= 1
        patch = [{"op": "replace", "path": "/n", "value": number}]
        client.sent[client.next_id + 1] = (flow, time.time())
        client.request("patch", {"flow": flow, "patch": patch})

    while time.time() < end or any(client.sent for client in order):
        if time.time() < end:
            if rate is None:
                for client in order:
                    while client.free:
                        send(client)
            else:
                due = int((time.time() - began) * rate) - number
                for _ in range(due):
                    client = order[number % len(order)]
                    if client.free:
                        send(client)
        for descriptor, _ in poll.poll(0.001):
            client = clients[descriptor]
            data, when = client.receive_stamped()
            for payload in client.take(data):
                answer = json.loads(payload)
                if "id" not in answer:
                    continue
                flow, sent = client.sent.pop(answer["id"])
                client.free += 1
                times.append((flow, answer["result"]["seq"], sent, when))
        if time.time() > end + 10:
            raise TimeoutError("answers are missing")
    tell.put(times)


def watch_all(port, token, flows, ready, over, tell):
    """Watches each flow, and tells when each event came."""
    clients, streams = {}, {}
    poll = select.epoll()
    for start in range(0, len(flows), WATCHED_AT_ONCE):
        client = Client(port, token)
        for flow in flows[start:start + WATCHED_AT_ONCE]:
            client.call("subscribe", {"stream": f"flow:{flow}"})
        client.stamp()
        client.socket.setblocking(False)
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    ready.put(True)
    times = []
    while not over.is_set():
        for descriptor, _ in poll.poll(0.1):
            client = clients[descriptor]
            data, when = client.receive_stamped()
            acks = {}
            for payload in client.take(data):
                seq = seq_of(payload)
                if seq:
                    stream = json.loads(payload)["params"]["stream"]
                    times.append((stream.removeprefix("flow:"), seq, when))
                    acks[stream] = seq
            for stream, seq in acks.items():
                client.acknowledge(stream, seq)
    tell.put(times)


class Bench:
    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-bench-"))
        self.folder.chmod(0o755)
        self.cluster = Cluster(self.folder / "postgres")
        self.cluster.settings |= {"shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}
        self.cluster.initialise().start()
        self.cluster.sql("CREATE ROLE signalbox LOGIN CREATEROLE", "postgres")
        self.cluster.sql(f"CREATE DATABASE {DATABASE} OWNER signalbox", "postgres")
        self.settings = {
            "SIGNALBOX_DATABASE_URL": f"postgresql://signalbox@127.0.0.1:{self.cluster.port}/{DATABASE}",
            "SIGNALBOX_JWT_SECRET": secrets.token_hex(32),
            "SIGNALBOX_WORKERS": "1",
            "SIGNALBOX_MESSAGES_PER_SECOND": "100000",
            "SIGNALBOX_MESSAGE_BURST": "100000",
            "SIGNALBOX_WEB_ROOT": str(pathlib.Path(__file__).resolve().parents[1] / "web-static"),
        } | {name: value for name, value in os.environ.items() if name == "SIGNALBOX_REDIS_URL"}
        self.command("migrate")
        self.tenant = str(uuid.uuid4())
        self.cluster.sql(f"INSERT INTO signalbox.tenants (id, name) VALUES ('{self.tenant}', 'bench')")
        self.token = self.command("token", "--tenant", "bench", "--subject", "bench", "--roles", "agent",
                                  "--lifetime", "6h").strip()
        self.nodes = []
        self.flows = []

    def command(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, env=environment(**self.settings), text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add_node(self):
        self.nodes.append(Node(len(self.nodes) + 1, self.binary, self.folder, self.settings))
        self.nodes[-1].start()

    def make_flows(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.nodes[0].port)
        state = {"n": 0, "pad": "x" * 180}
        for number in range(FLOWS):
            body = json.dumps({"type": "external", "title": f"flow {number}", "state": state})
            connection.request("POST", "/v1/flows", body, {"Authorization": f"Bearer {self.token}",
                                                           "Content-Type": "application/json"})
            answer = connection.getresponse()
            content = json.load(answer)
            assert answer.status == 201, content
            self.flows.append(content["id"])
        # As the server does by itself within a minute or two: plans that were made for empty tables are made anew.
        self.cluster.sql("ANALYZE")

    def rows_read(self):
        """Rows that statements have fetched from our tables so far; the server counts them a moment later."""
        time.sleep(2)
        return int(self.cluster.sql(
            "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables"))

    def run(self, seconds, rate, nodes):
        """Writes on the first node and watches on all of these; gives the patches a second and the events of each node."""
        tell, ready, over = multiprocessing.Queue(), multiprocessing.Queue(), multiprocessing.Event()
        watchers = []
        for index, node in enumerate(nodes):
            told = multiprocessing.Queue()
            watchers.append((told, multiprocessing.Process(
                target=watch_all, args=(node.port, self.token, self.flows[index::len(nodes)], ready, over, told))))
            watchers[-1][1].start()
        for _ in nodes:
            ready.get()
        before = self.rows_read()
        writers = [multiprocessing.Process(target=patch_all, args=(
            nodes[0].port, self.token, self.flows[index::PROCESSES], WRITERS // PROCESSES, seconds,
            rate and rate / PROCESSES, tell)) for index in range(PROCESSES)]
        for writer in writers:
            writer.start()
        patches = [patch for _ in writers for patch in tell.get()]
        rows = self.rows_read() - before
        over.set()
        events = [told.get() for told, _ in watchers]
        for process in writers + [process for _, process in watchers]:
            process.join()
        return patches, events, rows / len(patches)

    def close(self):
        for node in self.nodes:
            node.close()
        self.cluster.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def tell_delays(name, patches, events):
    answered = {(flow, seq): (sent, when) for flow, seq, sent, when in patches}
    after, whole = [], []
    for flow, seq, when in events:
        if (flow, seq) in answered:
            sent, answer = answered[flow, seq]
            after.append((when - answer) * 1000)
            whole.append((when - sent) * 1000)
    print(f"{name}: {len(after)} events; after the answer p50 {percentile(after, 0.5):.1f} ms, "
          f"p99 {percentile(after, 0.99):.1f} ms; after the request p50 {percentile(whole, 0.5):.1f} ms, "
          f"p99 {percentile(whole, 0.99):.1f} ms")


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    bench = Bench(sys.argv[1])
    try:
        bench.add_node()
        bench.make_flows()
        bench.run(1, None, bench.nodes)
        patches, _, _ = bench.run(seconds, None, bench.nodes)
        most = len(patches) / seconds
        print(f"one node: {most:.0f} patches/s from socket to socket")
        patches, events, alone = bench.run(seconds, most / 2, bench.nodes)
        print(f"one node, half load: {len(patches) / seconds:.0f} patches/s, {alone:.1f} rows read for each")
        tell_delays("node 1", patches, events[0])
        while len(bench.nodes) < NODES:
            bench.add_node()
        patches, events, together = bench.run(seconds, most / 2, bench.nodes)
        print(f"{NODES} nodes, the same load: {len(patches) / seconds:.0f} patches/s, {together:.1f} rows read for each, "
              f"{together / alone:.2f} times those of one node")
        for number, seen in enumerate(events, 1):
            tell_delays(f"node {number}", patches, seen)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
