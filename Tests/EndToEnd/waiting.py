"""Waiting for conditions with a deadline."""

import time


class Timeout(AssertionError):
    """What was waited for did not come true in time."""


def until(condition, what, seconds=20.0, pause=0.05):
    """Asks again and again until `condition()` is truthy, and returns its value.

    `what` may be a function: what it says is asked for at the deadline.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout(f"after {seconds:g} s still not: {what() if callable(what) else what}")
        time.sleep(pause)
