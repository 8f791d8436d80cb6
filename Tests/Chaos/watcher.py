"""Clients that follow flows and lists, keep a copy of each document, and note all they were shown."""

import copy
import json
import random
import threading
import time

import document
from ledger import Shown
from wire import NoAnswer, NotSent, Socket

PATIENCE = 12.0


class Copy:
    """What a watcher holds of one stream."""

    def __init__(self, stream):
        self.stream = stream
        self.epoch = None
        self.seq = None
        self.document = None
        self.parts = []
        self.is_subscribed = False

    @property
    def position(self):
        return {"epoch": self.epoch, "seq": self.seq}


class Watcher(threading.Thread):
    """One WebSocket, opened again whenever it breaks, and gone on from what is held.

    One that wanders leaves now and then by itself and goes on through any node.
    """

    def __init__(self, work, node, wanders):
        super().__init__(name=f"{'wanderer' if wanders else 'watcher'}-{node.number}", daemon=True)
        self.work, self.node, self.wanders = work, node, wanders
        self.rng = random.Random(f"{work.seed} {self.name}")
        avoided = {f"flow:{flow}" for flow in work.own.values()} if wanders else set()
        self.copies = {stream: Copy(stream) for stream in work.streams if stream not in avoided}
        self.socket = None
        self.connections = 0

    def run(self):
        while not self.work.is_over.is_set():
            try:
                node = self.rng.choice(self.work.world.nodes) if self.wanders else self.node
                self.socket = Socket(node.port, self.work.token("watcher"), PATIENCE)
                self.connections += 1
                self._follow()
            except (NotSent, NoAnswer):
                self.work.is_over.wait(self.rng.uniform(0.05, 0.3))
            except Exception as error:  # A watcher that dies must not look like one that was shown nothing.
                self.work.ledger.complain(f"{self.name} has failed: {type(error).__name__}: {error}")
                return
            finally:
                if self.socket:
                    self.socket.close()

    def _follow(self):
        for held in self.copies.values():
            held.is_subscribed, held.parts = False, []
        leaves = time.monotonic() + self.rng.uniform(0.2, 2.0) if self.wanders else float("inf")
        # Nobody leaves once everything has been written: what is left is to be read.
        while not self.work.is_over.is_set() and (time.monotonic() < leaves or self.work.ends.is_set()):
            missing = [held for held in self.copies.values() if not held.is_subscribed]
            for held in missing:
                self._subscribe(held)
            reached = {}
            for message in self.socket.receive(0.05 if missing else 0.25):
                self._take(message, reached)
            for stream, seq in reached.items():
                self.socket.send({"method": "ack", "params": {"stream": stream, "seq": seq}})

    def _subscribe(self, held):
        since = {} if held.seq is None else {"since": held.position}
        answer = self.socket.call("subscribe", {"stream": held.stream, **since})
        self.work.ledger.count(f"subscribe {answer.code or answer.body['mode']}")
        if answer.code:
            # The database is away; it is asked for again, over the same connection.
            self.work.is_over.wait(0.1)
            return
        held.is_subscribed = True
        result = answer.body
        if result["mode"] == "snapshot":
            if "snapshot" in result:
                self._replace(held, result, result["snapshot"])
        elif result["epoch"] != held.epoch or result["seq"] != held.seq:
            self._complain(held, f"resumed at {held.position}, the answer begins at {result['epoch']} {result['seq']}")

    def _take(self, message, reached):
        method, params = message.get("method"), message.get("params")
        if method == "event":
            held = self.copies[params["stream"]]
            self._advance(held, params)
            reached[held.stream] = held.seq
        elif method == "snapshot":
            held = self.copies[params["stream"]]
            held.parts.append(params["text"])
            if params["part"] + 1 == params["parts"]:
                text, held.parts = "".join(held.parts), []
                self._replace(held, params, json.loads(text))
            self.socket.send({"method": "ack", "params": {name: params[name] for name in ("stream", "seq", "part")}})
        elif method == "service":
            self.work.ledger.service.append((self.name, time.monotonic(), params["status"]))

    def _replace(self, held, told, whole):
        if held.epoch not in (None, told["epoch"]):
            self._complain(held, f"the epoch changed from {held.epoch} to {told['epoch']}")
        elif held.seq is not None and told["seq"] < held.seq:
            self._complain(held, f"was at {held.seq}, and got a document of {told['seq']}")
        held.epoch, held.seq, held.document = told["epoch"], told["seq"], whole
        self.work.ledger.shown.append(Shown(
            self.name, held.stream, held.epoch, None, held.seq, digest=told.get("digest"),
            document=copy.deepcopy(whole),
        ))

    def _advance(self, held, params):
        since, seq, event = params.get("since", params["seq"] - 1), params["seq"], params["event"]
        self.work.ledger.shown.append(Shown(
            self.name, held.stream, held.epoch, since, seq, event, params.get("patch"), params.get("digest"),
        ))
        if since != held.seq:
            self._complain(held, f"was at {held.seq}, and was shown {since + 1} to {seq}")
        try:
            self._apply(held, event, params.get("patch"))
        except document.PatchFailed as error:
            self._complain(held, f"{seq} cannot be applied: {error}")
        held.seq = seq

    @staticmethod
    def _apply(held, event, patch):
        is_flow = held.stream.startswith("flow:")
        if event["type"] == "STATE_SNAPSHOT":
            held.document["state"] = copy.deepcopy(event["snapshot"])
        elif event["type"] == "STATE_DELTA" and is_flow:
            held.document["state"] = document.apply(held.document["state"], event["delta"])
        elif event["type"] == "STATE_DELTA":
            held.document = document.apply(held.document, event["delta"])
        if patch:
            held.document = document.apply(held.document, patch)

    def _complain(self, held, text):
        self.work.ledger.complain(f"{self.name}, {held.stream}: {text}")
