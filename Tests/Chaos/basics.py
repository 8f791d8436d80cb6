"""What everything here needs: conditions with a deadline and free ports, as the end to end tests have them, and the end of a log."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "EndToEnd"))
from ports import free_port  # noqa: E402, F401
from waiting import Timeout, until  # noqa: E402, F401


def tail(file, lines):
    """The end of a log."""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else "(no log)"
