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
    """Judges a file of vectors in the browser; how many there were."""
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
            assert verdict["failures"] == []
            return verdict["count"]

        yield judged


def test_the_vectors_of_the_protocol(judge):
    files = sorted((REPOSITORY / "protocol/vectors").glob("*.json"))
    assert files
    for path in files:
        assert judge(path) == len(json.loads(path.read_text())), path


def test_random_documents_of_the_server(judge, binary, artefacts):
    seed = int(os.environ.get("SEED", "1"))
    path = artefacts / f"vectors-{seed}.json"
    with open(path, "w") as file:
        soak = pathlib.Path(binary).parent / "soak"
        subprocess.run([soak, "vectors", "--cases", str(CASES), "--seed", str(seed)], stdout=file, check=True)
    assert judge(path) == CASES * VECTORS_OF_A_CASE
    path.unlink()
