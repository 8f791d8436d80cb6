"""Clients that change flows and note what they were told, each in one of the ways a script may do it."""

import random
import threading

from ledger import DONE, REFUSED, UNKNOWN, UNSENT, Write, meaning
from wire import Api, NoAnswer, NotSent, Socket

# How long a client waits for an answer before it gives up, and does not know.
PATIENCE = 12.0
PAUSE = 0.06
# In each of these ways writes must go on; who is hasty hardly ever gets an answer.
WAYS = ("http", "websocket", "events")
HASTY = "hasty"


class Writer(threading.Thread):
    """Adds one token after the other to flows at random, through one node."""

    def __init__(self, work, node, way):
        super().__init__(name=f"writer-{node.number}-{way}", daemon=True)
        self.work, self.node, self.way = work, node, way
        self.rng = random.Random(f"{work.seed} {self.name}")
        self.api = Api(node.port, work.token("writer"), PATIENCE)
        self.socket = None

    def run(self):
        number = 0
        pause = 4 * PAUSE if self.way == HASTY else PAUSE
        while not self.work.ends.wait(self.rng.uniform(0, pause)):
            number += 1
            write = Write(
                f"{self.work.mark}.{self.node.number}.{self.way}.{number}", self._flow(), self.node.number,
                self.way, is_doomed=self.rng.random() < 0.04,
            )
            self.work.ledger.writes.append(write)
            patch = [{"op": "add", "path": f"/w/{write.token}", "value": number}]
            if write.is_doomed:
                patch.append({"op": "test", "path": "/w", "value": None})
            getattr(self, f"_by_{self.way}")(write, patch)
            self.work.ledger.count(f"{write.told} {write.cause}".strip())
            if write.told == UNSENT:
                self.work.ends.wait(0.1)
        self.api.close()
        if self.socket:
            self.socket.close()

    def _flow(self):
        """Some are written by everybody all the time, so that writers meet; one by this node alone."""
        work = self.work
        return self.rng.choice([work.own[self.node.number], *work.shared[:4], self.rng.choice(work.shared)])

    def _by_http(self, write, patch):
        self._note(write, lambda: self.api.call(
            "PATCH", f"/v1/flows/{write.flow}/state", patch, kind="application/json-patch+json"))

    def _by_hasty(self, write, patch):
        """Goes away after a moment, in which the change may be committed, refused, or not begun."""
        api = Api(self.node.port, self.work.token("writer"), self.rng.uniform(0.001, 0.04))
        try:
            self._note(write, lambda: api.call(
                "PATCH", f"/v1/flows/{write.flow}/state", patch, kind="application/json-patch+json"))
        finally:
            api.close()

    def _by_websocket(self, write, patch):
        self._note(write, lambda: self._opened().call("patch", {"flow": write.flow, "patch": patch}))

    def _by_events(self, write, patch):
        """Sent again under the same key until it is answered: then it must have happened exactly once."""
        event = {"type": "STATE_DELTA", "delta": patch}
        key = {"Idempotency-Key": write.token}
        may_have_happened = False
        while True:
            self._note(write, lambda: self.api.call("POST", f"/v1/flows/{write.flow}/events", event, key))
            may_have_happened |= write.told == UNKNOWN
            is_final = write.told == DONE or (write.told == REFUSED and not write.words.startswith("503"))
            if is_final or self.work.ends.wait(0.2):
                break
        if may_have_happened and write.told != DONE:
            write.told = UNKNOWN

    def _note(self, write, call):
        try:
            answer = call()
        except NotSent as error:
            write.told, write.words = UNSENT, str(error)
        except NoAnswer as error:
            write.told, write.words = UNKNOWN, str(error)
            if self.socket:
                self.socket.close()
                self.socket = None
        else:
            write.told = meaning(answer)
            write.words = f"{answer.status} {answer.code or ''}".strip()
            if write.told == DONE:
                write.seq = answer.body.get("seq", answer.body.get("last_seq"))
                write.digest = answer.body.get("digest")

    def _opened(self):
        if self.socket is None:
            self.socket = Socket(self.node.port, self.work.token("writer"), PATIENCE)
        return self.socket
