"""The browser client over each kind of connection: nothing is missed, nothing is done twice."""

import json

import pytest

from followed_flow import assert_unbroken, counters, state
from probe import Probe
from refusing_proxy import RefusingProxy


def test_two_tabs_share_one_connection(running, browser, followed):
    user = running.login("reviewer")
    before = counters(running)
    first = Probe(browser, running.url, user).follow(followed.stream, shared="reviewer")
    browser.switch_to.new_window("tab")
    second = Probe(browser, running.url, user).follow(followed.stream, shared="reviewer")
    for n in range(1, 4):
        seq = followed.set("n", n)
    for tab in (first, second):
        held = tab.wait_for(seq)
        assert_unbroken(held)
        assert state(held)["n"] == 3 and held["transport"] == "websocket"
    # A connection of its own would have brought the second tab a subscription of its own.
    shared = counters(running)
    assert shared["begun"] == before["begun"] + 1

    # The tab that came first began the connection; it outlives it.
    browser.switch_to.window(first.window)
    browser.close()
    for n in range(4, 7):
        seq = followed.set("n", n)
    held = second.wait_for(seq)
    assert_unbroken(held)
    assert state(held)["n"] == 6
    now = counters(running)
    assert (now["begun"], now["resumed"]) == (shared["begun"], shared["resumed"])

    # What is shared is found again by a connection that is lost.
    running.kill()
    running.start()
    seq = followed.set("n", 7)
    held = second.wait_for(seq)
    assert_unbroken(held)
    assert state(held)["n"] == 7 and counters(running)["begun"] == 0


@pytest.mark.parametrize("holds_streams", [False, True], ids=["event stream", "long poll"])
def test_where_no_websocket_gets_through(running, browser, followed, holds_streams):
    with RefusingProxy(running.port, holds_streams=holds_streams) as proxy:
        tab = Probe(browser, proxy.url, running.login("reviewer")).follow(followed.stream)
        held = tab.wait_for(followed.set("n", 1), seconds=60)
        assert held["transport"] == "http" and proxy.refused >= 2
        assert (proxy.held > 0) == holds_streams

        tab.wait_for(followed.ask())
        assert tab.decide("approve") == "decided"
        assert len(followed.decisions()) == 1
        held = tab.wait_for(followed.seq)
        assert json.loads(held["document"])["prompts"] == []

        running.kill()
        running.start()
        for n in range(2, 6):
            seq = followed.set("n", n)
        held = tab.wait_for(seq, seconds=60)
        assert_unbroken(held)
        assert state(held)["n"] == 5 and held["transport"] == "http"
        assert held["counters"]["digestMismatches"] == 0 and held["counters"]["resyncs"] == 0
        assert counters(running)["begun"] == 0


def test_a_decision_over_http_counts_once_though_its_answer_is_lost(running, browser, followed):
    with RefusingProxy(running.port, cuts_answer_to="/decision") as proxy:
        tab = Probe(browser, proxy.url, running.login("reviewer")).follow(followed.stream)
        held = tab.wait_for(followed.ask(), seconds=60)
        assert held["transport"] == "http"

        assert tab.decide("approve") == "decided"
        # What the page was told is the answer to the second call; the first one had decided.
        assert proxy.cut == 1 and proxy.passed == 1
        assert len(followed.decisions()) == 1
        held = tab.wait_for(followed.seq)
        assert_unbroken(held)
        assert json.loads(held["document"])["prompts"] == []
