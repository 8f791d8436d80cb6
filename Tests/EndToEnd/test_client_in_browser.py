"""The browser client agrees with the server to the byte, in a browser."""

import json
import os
import pathlib
import subprocess

import pytest

from conftest import REPOSITORY
from static_site import static_site

CASES = 2_000
VECTORS_OF_A_CASE = 7


@pytest.fixture
def judge(browser):
    """Judges a file of vectors in the browser; how many were judged."""
    browser.set_script_timeout(120)
    with static_site(REPOSITORY) as site:
        browser.get(f"{site}/Tests/web/package.json")

        def judged(path):
            verdict = browser.execute_async_script(
                """
                const [path, done] = arguments;
                Promise.all([import('/Tests/web/support/vectors.js'), fetch(path).then((answer) => answer.text())])
                  .then(([{ judgeAll }, text]) => done(judgeAll(text)), (error) => done({ failures: [String(error)] }));
                """,
                "/" + str(path.relative_to(REPOSITORY)),
            )
            # Joined, because pytest shows no more than the first element of a list.
            assert not verdict["failures"], "\n".join(verdict["failures"])
            return verdict["judged"]

        yield judged


def test_the_vectors_of_the_protocol(judge):
    files = sorted((REPOSITORY / "protocol/vectors").glob("*.json"))
    assert files, "there are no vectors"
    for path in files:
        judged, held = judge(path), len(json.loads(path.read_text()))
        assert judged == held, f"{path.name}: {judged} of {held} were judged"


@pytest.fixture
def soak(binary):
    """What prints the server's random documents: beside the server, else in the debug build."""
    places = [pathlib.Path(binary).parent / "soak", REPOSITORY / ".build/debug/soak"]
    found = next((place for place in places if os.access(place, os.X_OK)), None)
    assert found, f"there is no executable {places[0]}; build it: swift build --product soak"
    return found


def test_random_documents_of_the_server(judge, soak, artefacts):
    seed = int(os.environ.get("SEED", "1"))
    path = artefacts / f"vectors-{seed}.json"
    with open(path, "w") as file:
        subprocess.run([soak, "vectors", "--cases", str(CASES), "--seed", str(seed)], stdout=file, check=True)
    assert judge(path) == CASES * VECTORS_OF_A_CASE
    path.unlink()
