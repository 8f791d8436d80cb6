"""The browser client over each kind of connection: nothing is missed, nothing is done twice."""

import json
import re
import urllib.request

import pytest

from api import Api
from probe import Probe
from refusing_proxy import RefusingProxy
from waiting import until


@pytest.fixture
def admin(server):
    return Api.signed_in(server.start(), "admin")


@pytest.fixture
def flow(admin):
    """A flow with a state that is longer than the patches of these tests."""
    status, answer = admin.call("POST", "/v1/flows", {"type": "external", "state": {"n": 0, "text": "x" * 4_000}})
    assert status == 201, answer
    return answer["id"]


def patch(admin, flow, n):
    """Sets a number in the state; the position."""
    event = {"type": "STATE_DELTA", "delta": [{"op": "replace", "path": "/n", "value": n}]}
    status, answer = admin.call("POST", f"/v1/flows/{flow}/events", event)
    assert status == 201, answer
    return answer["last_seq"]


def ask(admin, flow):
    """Opens a prompt; the position after it, and its id."""
    draft = {"step": "s", "kind": "confirmation", "title": "Go on?", "allowed": ["approve", "reject"]}
    status, prompt = admin.call("POST", f"/v1/flows/{flow}/prompts", draft)
    assert status == 201, prompt
    return admin.get(f"/v1/flows/{flow}")["seq"], prompt["id"]


def count(server, event):
    """One of the server's counters of what happened to subscriptions."""
    with urllib.request.urlopen(f"{server.url}/metrics") as response:
        return int(re.search(rf'events_total{{event="{event}"}} (\d+)', response.read().decode())[1])


def has_no_gap(held):
    """Every step begins where the one before it ended; a whole document begins anew."""
    end = None
    for since, seq in held["seen"]:
        assert since is None or end is None or since == end, held["seen"]
        end = seq
    assert end == held["seq"]


def state(held):
    return json.loads(held["document"])["state"]


def test_two_tabs_share_one_connection(server, browser, admin, flow):
    user = server.login("reviewer")
    first = Probe(browser, server.url, user).follow(f"flow:{flow}", shared="reviewer")
    browser.switch_to.new_window("tab")
    second = Probe(browser, server.url, user).follow(f"flow:{flow}", shared="reviewer")
    for n in range(1, 4):
        seq = patch(admin, flow, n)
    for tab in (first, second):
        held = tab.wait_for(seq)
        has_no_gap(held)
        assert state(held)["n"] == 3 and held["transport"] == "websocket"
    assert count(server, "begun") == 1

    # The tab that came first began the connection; it outlives it.
    browser.switch_to.window(first.window)
    browser.close()
    for n in range(4, 7):
        seq = patch(admin, flow, n)
    held = second.wait_for(seq)
    has_no_gap(held)
    assert state(held)["n"] == 6
    assert count(server, "begun") == 1 and count(server, "resumed") == 0

    # Both are found again by a connection that is lost.
    server.kill()
    server.start()
    seq = patch(admin, flow, 7)
    held = second.wait_for(seq)
    has_no_gap(held)
    assert state(held)["n"] == 7 and count(server, "begun") == 0


@pytest.mark.parametrize("holds_streams", [False, True], ids=["event stream", "long poll"])
def test_where_no_websocket_gets_through(server, browser, admin, flow, holds_streams):
    with RefusingProxy(server.port, holds_streams) as proxy:
        tab = Probe(browser, proxy.url, server.login("reviewer")).follow(f"flow:{flow}")
        held = tab.wait_for(patch(admin, flow, 1), seconds=60)
        assert held["transport"] == "http" and proxy.refused >= 2
        assert (proxy.held > 0) == holds_streams

        seq, prompt = ask(admin, flow)
        tab.wait_for(seq)
        assert tab.decide("approve") == "decided"
        verdicts = [
            entry for entry in admin.events(flow) if entry["event"].get("name", "").startswith("signalbox.prompt.decided")
        ]
        assert len(verdicts) == 1
        held = tab.wait_for(admin.get(f"/v1/flows/{flow}")["seq"])
        assert json.loads(held["document"])["prompts"] == []

        server.kill()
        server.start()
        for n in range(2, 6):
            seq = patch(admin, flow, n)
        held = tab.wait_for(seq, seconds=60)
        has_no_gap(held)
        assert state(held)["n"] == 5
        assert held["counters"]["digestMismatches"] == 0 and held["counters"]["resyncs"] == 0
        assert prompt not in held["document"]
