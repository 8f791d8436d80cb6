"""Many watchers that keep up: python3 Benchmarks/watchers.py SIGNALBOX [WATCHERS] [ATTACHING].

1. WATCHERS (1,000) of one flow: from the answer of a PATCH, which is sent once it is committed, to the last watcher's socket.
   Negative where the watchers had it first.
2. The same for 100 flows that are patched at once, with WATCHERS / 100 watchers each.
3. ATTACHING (5,000) clients attach to one flow with a state of 184 KB: the time until the last has it, the server's memory, and
   how often the document was read and written.

The server has one loop and the first core to itself. When bytes reached a socket is what the kernel noted.
"""

import json
import multiprocessing
import select
import sys
import threading
import time

from clients import Client, call, memory, metric, percentile, seq_of, started, token_of

PATCHES = 200
FLOWS = 100
ROUNDS = 20
PROCESSES = 2
STATE_BYTES = 184 << 10


def watch(port, token, streams, tell):
    """A process of watchers: tells for each commit of a stream when the last of its watchers had it."""
    clients, expected = {}, {}
    poll = select.epoll()
    for stream in streams:
        client = Client(port, token)
        client.call("subscribe", {"stream": stream})
        client.stamp()
        client.socket.setblocking(False)
        clients[client.socket.fileno()] = (client, stream)
        expected[stream] = expected.get(stream, 0) + 1
        poll.register(client.socket, select.EPOLLIN)
    tell.put(("ready", None, None))
    reached = {}
    while True:
        for descriptor, _ in poll.poll():
            client, stream = clients[descriptor]
            data, when = client.receive_stamped()
            seqs = [seq for seq in map(seq_of, client.take(data)) if seq]
            for seq in seqs:
                count, last = reached.get((stream, seq), (0, 0))
                reached[stream, seq] = (count + 1, max(last, when))
                if count + 1 == expected[stream]:
                    tell.put((stream, seq, reached.pop((stream, seq))[1]))
            if seqs:
                client.acknowledge(stream, seqs[-1])


def attach(port, token, stream, count, go, tell):
    """A process of clients that attach at the same moment: tells when each has the whole document."""
    clients = {}
    poll = select.epoll()
    for _ in range(count):
        client = Client(port, token)
        client.socket.setblocking(False)
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    tell.put(("ready", None))
    go.wait()
    for client in clients.values():
        client.request("subscribe", {"stream": stream})
    missing = dict.fromkeys(clients, None)
    taken = 0
    while missing:
        for descriptor, _ in poll.poll():
            client = clients[descriptor]
            data = client.receive()
            taken += len(data)
            for payload in client.take(data):
                if b'"mode":"snapshot"' in payload:
                    missing[descriptor] = json.loads(payload)["result"]["parts"]
                elif seq_of(payload):
                    missing[descriptor] -= 1
                    client.acknowledge(stream, seq_of(payload))
                if missing.get(descriptor) == 0:
                    del missing[descriptor]
    tell.put((taken, time.time()))


class Writer:
    """A WebSocket that patches a flow and notes when each answer came."""

    def __init__(self, server, token, flow):
        self.client, self.flow = Client(server.port, token), flow
        self.client.stamp()

    def patch(self, value):
        """The position that the patch has, and when its answer came."""
        patch = [{"op": "replace", "path": "/n", "value": value}]
        self.client.request("patch", {"flow": self.flow, "patch": patch})
        while True:
            data, when = self.client.receive_stamped()
            for payload in self.client.take(data):
                answer = json.loads(payload)
                if answer.get("id") == self.client.next_id:
                    return answer["result"]["seq"], when


def fan_out(server, admin, viewer, flows, watchers, rounds):
    """The delays from the answers of patches to the last watchers, in ms: one patch of each flow in each round."""
    streams = [f"flow:{flow}" for flow in flows for _ in range(watchers // len(flows))]
    tell = multiprocessing.Queue()
    shares = [streams[n::PROCESSES] for n in range(PROCESSES)] if len(flows) == 1 else [streams]
    children = [
        multiprocessing.Process(target=watch, args=(server.port, viewer, share, tell), daemon=True) for share in shares
    ]
    for child in children:
        child.start()
        assert tell.get()[0] == "ready"
    writers = [Writer(server, admin, flow) for flow in flows]
    delays = []
    for number in range(rounds):
        answers = {}

        def patch(writer):
            seq, when = writer.patch(number)
            answers[f"flow:{writer.flow}", seq] = when

        threads = [threading.Thread(target=patch, args=[writer]) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        reached = {}
        for _ in range(len(flows) * len(children)):
            stream, seq, when = tell.get(timeout=30)
            reached[stream, seq] = max(when, reached.get((stream, seq), 0))
        assert reached.keys() == answers.keys(), (reached.keys(), answers.keys())
        delays += [(reached[place] - answers[place]) * 1000 for place in answers]
    for child in children:
        child.kill()
        child.join()
    return delays


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    watchers = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    attaching = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    server = started(sys.argv[1])
    try:
        admin, viewer = token_of(server, "admin"), token_of(server, "viewer")

        def make(state):
            return call(server, "POST", "/v1/flows", {"type": "external", "state": state}, admin)["id"]

        for flows, rounds in (([make({"n": 0})], PATCHES), ([make({"n": 0}) for _ in range(FLOWS)], ROUNDS)):
            delays = fan_out(server, admin, viewer, flows, watchers, rounds)
            print(
                f"{len(flows)} flows, {watchers} watchers: from the answer to the last socket "
                f"median {percentile(delays, 0.5):.1f} ms, p99 {percentile(delays, 0.99):.1f} ms",
                flush=True,
            )

        item = {"id": "", "name": "a host somewhere", "tags": ["a", "b"], "risk": 3}
        count = STATE_BYTES // (len(json.dumps(item, separators=(",", ":"))) + 4)
        flow = make({"items": [{**item, "id": f"{n:04}"} for n in range(count)]})
        tell, go = multiprocessing.Queue(), multiprocessing.Event()
        for _ in range(PROCESSES):
            arguments = (server.port, viewer, f"flow:{flow}", attaching // PROCESSES, go, tell)
            multiprocessing.Process(target=attach, args=arguments, daemon=True).start()
        for _ in range(PROCESSES):
            assert tell.get()[0] == "ready"
        before = memory(server.process.pid)
        read = metric(server, 'signalbox_stream_events_total{event="document_read"}')
        begin = time.time()
        go.set()
        taken, ends = zip(*[tell.get(timeout=300) for _ in range(PROCESSES)])
        end = max(ends)
        read = metric(server, 'signalbox_stream_events_total{event="document_read"}') - read
        peak = memory(server.process.pid, "VmHWM")
        print(
            f"{attaching} clients attached to {STATE_BYTES >> 10} KB in {end - begin:.2f} s ({sum(taken) / 1e6:.0f} MB); the document was read {read:.0f} times; "
            f"memory {before / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at most"
        )
    finally:
        server.stop()


main()
