"""What goes on while bad things happen: flows of its own, those who change, watch and decide, and what was told."""

import contextlib
import json
import threading
import time

from basics import Timeout, until
from ledger import Ledger
from node import Prober
from reviewers import Asker, Reviewer
from watcher import Watcher
from wire import Api, Socket
from writer import HASTY, WAYS, Writer

# How long everything may take to work again by itself once a fault has ended.
RECOVERY = 20.0


class Workload:
    """One scenario's clients, on one world."""

    def __init__(self, world, name, mark, seed, flows):
        """`mark` is in every token and key, so that the same scenario may happen to a world twice."""
        self.world, self.name, self.mark, self.seed = world, name, mark, f"{seed} {name}"
        self.ledger = Ledger()
        # Nothing new is begun; what nobody answers is given up; nobody watches any more.
        self.ends, self.gives_up, self.is_over = threading.Event(), threading.Event(), threading.Event()
        self.outages = []
        self.fault_ended = time.monotonic()
        self.recoveries = []
        # How many of the writes with an unknown outcome did happen, by what was told of them, once that is known.
        self.doubtful = {}
        self.notes = []
        api = Api(world.nodes[0].port, self.token("writer"), 20)
        self.flows = [self._create(api, number) for number in range(flows)]
        api.close()
        # One flow of each node is changed through it alone and never attached to anew: what the other node shows of it,
        # it can only have heard from the database.
        numbers = [node.number for node in world.nodes]
        self.own = dict(zip(numbers, self.flows))
        self.shared = self.flows[len(numbers):]
        self.streams = [f"flow:{flow}" for flow in self.flows] + ["prompts"]
        self.writers = [Writer(self, node, way) for node in world.nodes for way in (*WAYS, HASTY)]
        self.watchers = [Watcher(self, node, wanders) for node in world.nodes for wanders in (False, True)]
        first, second = world.nodes
        self.reviewers = [
            Reviewer(self, "alice", "approve", first, world.nodes),
            Reviewer(self, "bob", "reject", second, world.nodes),
        ]
        self.asker = Asker(self, world.nodes, self.reviewers)
        self.probers = [Prober(self, node) for node in world.nodes]

    def token(self, subject):
        return self.world.tokens[subject]

    def _create(self, api, number):
        # Longer than the patches that a watcher misses: what it lacks is worth telling in patches.
        state = {"w": {}, "text": "x" * 3000}
        answer = api.call("POST", "/v1/flows", {"type": "external", "title": f"{self.name} {number}", "state": state})
        assert answer.code is None, f"a flow could not be created: {answer}"
        return answer.body["id"]

    def start(self):
        for thread in [*self.watchers, *self.probers, *self.writers, *self.reviewers, self.asker]:
            thread.start()
        self.goes_on(3, seconds=20)

    # While it runs

    def goes_on(self, count, nodes=None, seconds=RECOVERY):
        """Waits until each writer of some nodes has so many more acknowledged writes."""
        since = time.monotonic()
        numbers = [node.number for node in nodes or self.world.nodes]

        def lacking():
            return [
                f"node {number} by {way}" for number in numbers for way in WAYS
                if len(self.ledger.done(number, way, since)) < count
            ]

        until(lambda: not lacking(), lambda: f"{count} writes are acknowledged on {', '.join(lacking())}", seconds)

    @contextlib.contextmanager
    def outage(self):
        """Marks the time in which the database cannot be reached."""
        begin = time.monotonic()
        yield
        self.fault_ended = time.monotonic()
        self.outages.append((begin, self.fault_ended))

    def recovers(self, seconds=RECOVERY):
        """Waits until everything works that did before the fault, and notes how long that took."""
        since, times = self.fault_ended, {}

        def ready():
            latest = {node: status for node, asked, _, status in list(self.ledger.health) if asked >= since}
            return all(latest.get(node.number) == 200 for node in self.world.nodes)

        def written():
            return all(self.ledger.done(node.number, way, since) for node in self.world.nodes for way in WAYS)

        def watched():
            marks = [self._first_done(flow, since) for flow in self.flows[:6]]
            return all(marks) and all(
                (watcher.copies[stream].seq or 0) >= mark.seq
                for mark in marks for watcher in self.watchers
                if (stream := f"flow:{mark.flow}") in watcher.copies
            )

        for what, condition in (("ready", ready), ("writing", written), ("watching", watched)):
            try:
                until(condition, "", since + seconds - time.monotonic(), pause=0.02)
            except Timeout as error:
                raise Timeout(
                    f"{seconds:g} s after the fault has ended it is still not {what}; {self._standing(since)}"
                ) from error
            times[what] = time.monotonic() - since
        self.recoveries.append(times)

    def _first_done(self, flow, since):
        return next((write for write in self.ledger.done(since=since) if write.flow == flow), None)

    def _lagging(self, since):
        """Who has not seen what was acknowledged since then."""
        return [
            f"{watcher.name} is at {held.seq} of {held.stream}, where {mark} gave {mark.seq}"
            for mark in (self._first_done(flow, since) for flow in self.flows) if mark
            for watcher in self.watchers if (held := watcher.copies.get(f"flow:{mark.flow}"))
            if (held.seq or 0) < mark.seq
        ][:4]

    def _standing(self, since):
        health = {node: status for node, *_, status in list(self.ledger.health)}
        done = {
            f"{node.number} {way}": len(self.ledger.done(node.number, way, since))
            for node in self.world.nodes for way in WAYS
        }
        words = [str(write) for write in self.ledger.writes[-200:] if write.words and write.told != "done"][-6:]
        return f"/readyz gives {health}, acknowledged since then {done}, lagging {self._lagging(since)}, " \
            f"the latest failures: {words}"

    # At its end

    def settle(self):
        """Ends the clients in order: first those who change, then those who watch, once they have seen everything."""
        self.ends.set()
        self._join([*self.writers, self.asker, *self.reviewers])
        heads = self._heads()

        def behind():
            return [
                f"{watcher.name} is at {held.seq} of {heads[held.stream]} in {held.stream}"
                for watcher in self.watchers for held in watcher.copies.values()
                if (held.seq or 0) < heads[held.stream]
            ]

        until(lambda: not behind(), lambda: "watchers are where the database is: " + "; ".join(behind()[:5]), RECOVERY)
        self.is_over.set()
        self._join([*self.watchers, *self.probers])
        for node in self.world.nodes:
            self._compare_with_fresh(node)

    def _join(self, threads):
        end = time.monotonic() + RECOVERY
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
            if thread.is_alive():
                self.ledger.complain(f"{thread.name} had no final answer {RECOVERY:g} s after the end of the workload")
                self.gives_up.set()
                thread.join(15)

    def _heads(self):
        """The last position of every stream, once nothing is under way that somebody has given up waiting for."""
        busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL " \
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        quiet = [0]

        def is_quiet():
            quiet[0] = quiet[0] + 1 if self.world.cluster.sql(busy).strip() == "0" else 0
            return quiet[0] >= 3

        until(is_quiet, "no transaction is open", RECOVERY)
        lines = self.world.cluster.sql(
            "SELECT 'flow:' || id, seq FROM signalbox.flows UNION ALL SELECT view, seq FROM signalbox.views")
        return {name: int(seq) for name, seq in (line.split("\t") for line in lines.splitlines())}

    def _compare_with_fresh(self, node):
        """Every copy against the document that somebody gets who comes now."""
        socket = Socket(node.port, self.token("watcher"), 20)
        for stream in self.streams:
            answer = socket.call("subscribe", {"stream": stream})
            assert answer.code is None, f"a fresh subscription of {stream} on node {node.number}: {answer}"
            whole = answer.body.get("snapshot") or self._parts(socket, stream, answer.body["parts"])
            for watcher in self.watchers:
                held = watcher.copies.get(stream)
                if held and (held.seq, held.document) != (answer.body["seq"], whole):
                    self.ledger.complain(
                        f"{watcher.name} holds another {stream} at {held.seq} than node {node.number} gives at "
                        f"{answer.body['seq']}: {difference(held.document, whole)}")
        socket.close()

    @staticmethod
    def _parts(socket, stream, count):
        texts, end = [], time.monotonic() + 20
        while len(texts) < count and time.monotonic() < end:
            texts += [
                message["params"]["text"] for message in socket.receive(1)
                if message.get("method") == "snapshot" and message["params"]["stream"] == stream
            ]
        return json.loads("".join(texts))

    def close(self):
        """Ends whatever still runs, after a failure."""
        for event in (self.ends, self.gives_up, self.is_over):
            event.set()
        for thread in [*self.writers, self.asker, *self.reviewers, *self.watchers, *self.probers]:
            if thread.ident:
                thread.join(15)


def difference(held, whole, path=""):
    """Where two documents differ first."""
    if isinstance(held, dict) and isinstance(whole, dict):
        for name in sorted(held.keys() | whole.keys()):
            if name not in held or name not in whole:
                return f"{path}/{name} is only in the {'copy' if name in held else 'document'}"
            if held[name] != whole[name]:
                return difference(held[name], whole[name], f"{path}/{name}")
    return f"{path}: {str(held)[:200]} instead of {str(whole)[:200]}" if held != whole else "only the position"
