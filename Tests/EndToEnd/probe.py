"""The client's modules in a page of a browser, without the page's own user interface."""

from waiting import until

_START = """
const [stream, options, done] = arguments;
import('/signalbox.js').then(({ SignalboxClient, stringifyExact }) => {
  const client = new SignalboxClient(options);
  const seen = [];
  const subscription = client.subscribe(stream, {
    onEvent: ({ since, seq }) => seen.push([since ?? seq - 1, seq]),
    onSnapshot: (_, { seq }) => seen.push([null, seq]),
  });
  window.probe = { client, subscription, seen, stringifyExact };
  client.start();
  done(null);
}, (error) => done(String(error)));
"""

_LOOK = """
const { client, subscription, seen, stringifyExact } = window.probe;
return {
  state: client.state, transport: client.transport, live: subscription.live, seen,
  seq: subscription.position?.seq, counters: client.counters,
  document: subscription.document && stringifyExact(subscription.document),
};
"""

_DECIDE = """
const [verb, done] = arguments;
const { client, subscription } = window.probe;
client.decide(subscription.document.prompts[0], { verb }).then((prompt) => done(prompt.status), (error) => done(String(error)));
"""


class Probe:
    """One tab with a client in it that follows a stream."""

    def __init__(self, driver, url, user, tenant="acme"):
        """Opens a quiet page of the server and signs in with a cookie."""
        self.driver = driver
        driver.set_script_timeout(30)
        self.window = driver.current_window_handle
        driver.get(url + "/docs.html")
        self._run_async(
            """
            const [body, done] = arguments;
            const headers = { 'Content-Type': 'application/json' };
            fetch('/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(body) })
              .then((answer) => done(answer.ok ? null : answer.status), (error) => done(String(error)));
            """,
            {"tenant": tenant, "email": user["email"], "password": user["password"]},
        )

    def follow(self, stream, **options):
        self._run_async(_START, stream, options)
        return self

    def _run_async(self, script, *arguments):
        self.driver.switch_to.window(self.window)
        error = self.driver.execute_async_script(script, *arguments)
        assert error is None, error

    def look(self):
        """What the tab holds: the client's state, its document as JSON text, and the steps that led there."""
        self.driver.switch_to.window(self.window)
        return self.driver.execute_script(_LOOK)

    def wait_for(self, seq, seconds=30):
        """Waits until the document stands at a position and is kept up to date; what the tab holds then."""

        def reached():
            now = self.look()
            return now if now["live"] and now["seq"] == seq else None

        return until(reached, lambda: f"the tab is live at {seq}, but holds {self.look()}", seconds)

    def decide(self, verb):
        """Decides the first prompt of the flow; its status, or the error."""
        self.driver.switch_to.window(self.window)
        return self.driver.execute_async_script(_DECIDE, verb)
