"""What everything here needs: conditions with a deadline, free ports, and the failure that is told to a person."""

import socket
import time


class Violation(AssertionError):
    """Something does not hold that must: says what was told and what is there."""


def until(condition, what, seconds, pause=0.05):
    """Asks until `condition()` is truthy, and returns its value; `what` may be a function, asked at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Violation(f"after {seconds:g} s still not: {what() if callable(what) else what}")
        time.sleep(pause)


def free_port():
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(file, lines):
    """The end of a log."""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else "(no log)"
