"""Many slow watchers of a busy flow: python3 Benchmarks/slow_clients.py SIGNALBOX [CLIENTS].

CLIENTS (1,000) WebSockets take 16 KB/s each while a flow takes 500 patches/s, five with each commit. Told are: the server's
memory for each of them, how many were disconnected, how long a prompt takes to reach the last of them, and the delay of patches
to a watcher that keeps up, without and with the slow ones, in turns. The server has the first core to itself.
"""

import json
import multiprocessing
import os
import socket
import sys
import threading
import time

from clients import Client, call, memory, metric, percentile, processor_time, seq_of, started, token_of

RATE = 16_000
TICK = 0.125
SLICES = 50
PATCHES = 500
BATCH = 5
MEMBERS = 20
SECONDS = 10
MEASURE = "delay of patches, median %.1f ms, p99 %.1f ms, at %.0f/s, the server's core %.0f %% busy:"


def slow(port, token, stream, count, commands, tell):
    """A process with all slow clients. Each takes the bytes of an eighth of a second eight times a second, while told to."""
    # What it costs to play so many clients is no cost of the server: it has only the time that nobody else wants.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    clients = []
    lost, turn = 0, 0
    state = "none"
    prompted = set()
    while True:
        if not commands.empty():
            state = commands.get()
            for client in clients:
                client.socket.close()
            clients = []
            for _ in range(count if state == "slow" else 0):
                client = Client(port, token, receive_buffer=8192)
                client.call("subscribe", {"stream": stream})
                client.socket.setblocking(False)
                clients.append(client)
            prompted = set()
            tell.put(("ready", time.time()))
        begin = time.monotonic()
        turn = (turn + 1) % SLICES
        for client in clients[turn::SLICES]:
            try:
                payloads = client.take(client.socket.recv(int(RATE * TICK)))
            except BlockingIOError:
                continue
            except OSError as error:
                clients.remove(client)
                lost += 1
                tell.put(("lost", str(error)))
                continue
            position = max((seq_of(payload) or 0 for payload in payloads), default=0)
            if position:
                client.acknowledge(stream, position)
            if any(b"signalbox.prompt.opened" in payload for payload in payloads):
                prompted.add(client)
                if len(prompted) == len(clients):
                    tell.put(("prompted", time.time()))
        time.sleep(max(0.0, TICK / SLICES - (time.monotonic() - begin)))


class Load:
    """A writer that patches a flow, and a watcher that keeps up and notes how long each patch took to its socket."""

    def __init__(self, server, token, flow):
        self.server, self.token = server, token
        self.stream, self.flow = f"flow:{flow}", flow
        self.delays = []
        self.watcher = Client(server.port, token)
        self.watcher.call("subscribe", {"stream": self.stream})
        self.watcher.stamp()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            try:
                data, now = self.watcher.receive_stamped()
            except OSError:
                return
            position = 0
            for payload in self.watcher.take(data):
                position = max(position, seq_of(payload) or 0)
                if b'"delta"' in payload:
                    for operation in json.loads(payload)["params"]["event"].get("delta", []):
                        self.delays.append((now - operation["value"]["at"]) * 1000)
            if position:
                self.watcher.acknowledge(self.stream, position)

    def run(self, seconds):
        """Median and 99th percentile of the delays, in ms, the patches per second, and the server's share of its core."""
        self.delays, written = [], 0
        pid = self.server.process.pid
        begin, used = time.monotonic(), processor_time(pid)
        while time.monotonic() - begin < seconds:
            events = []
            for _ in range(BATCH):
                value = {"at": time.time(), "text": "a little of what an agent says about its progress"}
                delta = [{"op": "replace", "path": f"/m{written % MEMBERS}", "value": value}]
                events.append({"type": "STATE_DELTA", "delta": delta})
                written += 1
            call(self.server, "POST", f"/v1/flows/{self.flow}/events", events, self.token)
            time.sleep(max(0.0, begin + written / PATCHES - time.monotonic()))
        taken = time.monotonic() - begin
        share = (processor_time(pid) - used) / taken * 100
        return percentile(self.delays, 0.5), percentile(self.delays, 0.99), written / taken, share


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    server = started(sys.argv[1])
    try:
        admin, reviewer = token_of(server, "admin"), token_of(server, "reviewer")
        state = {f"m{n}": {"at": 0, "text": ""} for n in range(MEMBERS)}
        flow = call(server, "POST", "/v1/flows", {"type": "external", "state": state}, admin)["id"]
        load = Load(server, admin, flow)
        load.run(2)
        commands, tell = multiprocessing.Queue(), multiprocessing.Queue()
        arguments = (server.port, reviewer, load.stream, count, commands, tell)
        multiprocessing.Process(target=slow, args=arguments, daemon=True).start()
        for _ in range(3):
            print(MEASURE % load.run(SECONDS), "nobody slow", flush=True)
            before = memory(server.process.pid)
            commands.put("slow")
            assert tell.get()[0] == "ready"
            idle = memory(server.process.pid)
            # Until their windows are full they are as fast as anybody.
            load.run(2)
            measure = load.run(SECONDS)
            print(MEASURE % measure, f"{count} slow", flush=True)
            busy = memory(server.process.pid)
            asking = threading.Thread(target=load.run, args=[5])
            asking.start()
            time.sleep(1)
            draft = {"step": "s", "kind": "confirmation", "title": "Go on?", "allowed": ["approve"]}
            call(server, "POST", f"/v1/flows/{flow}/prompts", draft, admin)
            asked = time.time()
            kind, when = tell.get(timeout=30)
            lost = 0
            while kind == "lost":
                lost += 1
                kind, when = tell.get(timeout=30)
            asking.join()
            print(f"  the prompt reached the last of them after {when - asked:.2f} s; {lost} were disconnected")
            print(f"  memory for each: {(idle - before) / count:,.0f} bytes idle, {(busy - before) / count:,.0f} under load")
            commands.put("none")
            assert tell.get()[0] == "ready"
        print("entries folded:", int(metric(server, 'signalbox_stream_events_total{event="conflated"}')))
        load.watcher.socket.shutdown(socket.SHUT_RDWR)
    finally:
        server.stop()


main()
