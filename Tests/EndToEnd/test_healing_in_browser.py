"""A copy in the browser that is no longer the server's document is noticed, and fetched anew."""

from followed_flow import counters, state
from probe import Probe
from waiting import until

# Whatever makes a copy wrong, the client sees only a message that is not what the server sent.
_SPOIL_ONE_MESSAGE = """
const [written, instead] = arguments;
const Socket = globalThis.WebSocket;
globalThis.WebSocket = class extends Socket {
  set onmessage(listener) {
    super.onmessage = listener && (({ data }) => {
      if (globalThis.spoilt === undefined && data.includes(written)) {
        globalThis.spoilt = true;
        listener({ data: data.replace(written, instead) });
      } else listener({ data });
    });
  }
};
"""


def test_a_copy_that_went_wrong_is_fetched_anew(running, browser, followed):
    tab = Probe(browser, running.url, running.login("reviewer"))
    browser.execute_script(_SPOIL_ONE_MESSAGE, '"as it is"', '"as it is not"')
    tab.follow(followed.stream)
    tab.wait_for(followed.seq)
    assert counters(running)["resynchronised"] == 0
    tab.wait_for(followed.set("note", "as it is"))
    assert browser.execute_script("return globalThis.spoilt") is True

    # Digests are compared now and then only; each change is an occasion, and none of these puts the note right.
    numbers = iter(range(1, 1_000))

    def healed():
        held = tab.wait_for(followed.set("n", next(numbers)))
        return held if state(held)["note"] == "as it is" else None

    held = until(healed, lambda: f"the note is right again, but the tab holds {tab.look()}", 30, pause=0.2)
    assert held["counters"] == {"connects": 1, "resyncs": 1, "digestMismatches": 1}
    assert held["transport"] == "websocket"
    assert counters(running)["resynchronised"] == 1

    # What follows builds on the document that was fetched.
    last = next(numbers)
    held = tab.wait_for(followed.set("n", last))
    assert (state(held)["n"], state(held)["note"]) == (last, "as it is")
    assert held["counters"]["resyncs"] == 1
