"""What every client was told, noted before anything is judged."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

DONE, REFUSED, UNKNOWN, UNSENT = "done", "refused", "unknown", "unsent"


def meaning(answer):
    """What an answer says about a write: whether it happened, did not, or may have.

    `unavailable` promises that nothing happened. `internal_error` promises nothing.
    """
    if answer.code is None:
        return DONE
    if answer.status < 500 or (answer.status == 503 and answer.code != "unknown_outcome"):
        return REFUSED
    return UNKNOWN


@dataclass
class Write:
    """One change of a flow's state: adds `token` under `/w`. A doomed one has a test that cannot hold."""

    token: str
    flow: str
    node: int
    way: str
    is_doomed: bool = False
    began: float = field(default_factory=time.monotonic)
    told: str = UNSENT
    words: str = ""
    seq: int | None = None
    digest: str | None = None

    @property
    def cause(self):
        """Its answer without what differs from case to case."""
        return self.words.split(":")[0][:40]

    def __str__(self):
        return f"token {self.token} of flow {self.flow} ({self.way}, node {self.node}): told {self.told} {self.words}"


@dataclass
class Ask:
    """One question, sent with the same key until it was answered. Its step is its key."""

    key: str
    flow: str
    prompts: set = field(default_factory=set)


@dataclass
class Decided:
    """What one reviewer was told in the end about a decision of one prompt."""

    prompt: str
    reviewer: str
    verb: str
    told: str = UNKNOWN
    outcome: dict | None = None
    attempts: int = 0


@dataclass
class Shown:
    """One step of a stream as a watcher got it: an event, a folded event, or (`document`) a whole document."""

    watcher: str
    stream: str
    epoch: str
    since: int | None
    seq: int
    event: dict | None = None
    patch: list | None = None
    digest: str | None = None
    document: dict | None = None


class Ledger:
    """Everything that clients were told in one scenario. Lists only grow, so reading them needs no lock."""

    def __init__(self):
        self.writes = []
        self.asks = []
        self.decisions = []
        self.shown = []
        # (node, when asked, when answered, status or None)
        self.health = []
        # (watcher, when, status)
        self.service = []
        self.answers = Counter()
        self.complaints = []
        self._lock = threading.Lock()

    def count(self, what):
        with self._lock:
            self.answers[what] += 1

    def complain(self, text):
        """Notes what must not be, whatever the database says."""
        self.complaints.append(text)

    def done(self, node=None, way=None, since=0.0):
        """The acknowledged writes that were begun after a moment."""
        return [
            write for write in list(self.writes)
            if write.told == DONE and write.began >= since and node in (None, write.node) and way in (None, write.way)
        ]
