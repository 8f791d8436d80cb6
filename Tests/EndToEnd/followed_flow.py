"""A flow that browsers follow: what is done to it, and what a browser must hold then."""

import json
import re
import urllib.request


class FollowedFlow:
    """One flow of the embedder, changed over HTTP."""

    def __init__(self, api):
        self.api = api
        # Longer than the patches of a test: the server answers with the whole document where that is shorter.
        state = {"n": 0, "note": "", "text": "x" * 4_000}
        status, answer = api.call("POST", "/v1/flows", {"type": "external", "state": state})
        assert status == 201, answer
        self.id = answer["id"]
        self.stream = f"flow:{self.id}"

    @property
    def seq(self):
        return self.api.get(f"/v1/flows/{self.id}")["seq"]

    def set(self, name, value):
        """Sets a member of the state; the position."""
        event = {"type": "STATE_DELTA", "delta": [{"op": "replace", "path": f"/{name}", "value": value}]}
        status, answer = self.api.call("POST", f"/v1/flows/{self.id}/events", event)
        assert status == 201, answer
        return answer["last_seq"]

    def ask(self):
        """Opens a prompt; the position after it."""
        draft = {"step": "s", "kind": "confirmation", "title": "Go on?", "allowed": ["approve", "reject"]}
        status, prompt = self.api.call("POST", f"/v1/flows/{self.id}/prompts", draft)
        assert status == 201, prompt
        return self.seq

    def decisions(self):
        """The decisions in the log."""
        names = [entry["event"].get("name", "") for entry in self.api.events(self.id)]
        return [name for name in names if name.startswith("signalbox.prompt.decided")]


def counters(server):
    """What happened to subscriptions since the process began, by the server's own account."""
    with urllib.request.urlopen(f"{server.url}/metrics") as response:
        text = response.read().decode()
    return {event: int(n) for event, n in re.findall(r'events_total{event="(\w+)"} (\d+)', text)}


def state(held):
    return json.loads(held["document"])["state"]


def assert_unbroken(held):
    """The document came whole once; every step after that begins where the one before it ended."""
    (since, end), *steps = held["seen"]
    assert since is None, held["seen"]
    for since, seq in steps:
        assert since == end, held["seen"]
        end = seq
    assert end == held["seq"]
