"""Kqlmagic, in a kernel of Jupyter as a notebook runs it, and in a script."""

import json
import os
import subprocess
import sys

import pytest
from jupyter_client.manager import start_new_kernel

from conftest import block

RESULTS = [["0", 7], ["50126", 3]]
PATIENCE = 120


@pytest.fixture
def variables(url, tmp_path):
    """What a notebook's server would hand on: the reader's variables, and nothing of ours."""
    ca = {name: os.environ["VEDETTE_CA"] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}
    return {**os.environ, **ca, "VEDETTE_URL": url, "HOME": str(tmp_path)}


@pytest.fixture
def notebook(variables, tmp_path):
    """Runs a cell and gives what it printed; a failure of a magic is shown, not raised."""
    manager, client = start_new_kernel(kernel_name="python3", env=variables, cwd=str(tmp_path))

    def run(cell):
        printed = []

        def hear(message):
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))

        client.execute_interactive(cell, output_hook=hear, timeout=PATIENCE)
        return "".join(printed)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_the_block_of_a_notebook_answers_types_come_back_and_a_failure_is_shown(notebook):
    language, cell = block("clients.md", "kqlmagic")
    assert language == "ipython"
    notebook(cell)
    assert json.loads(notebook("import json; print(json.dumps(frame.values.tolist(), default=int))")) == RESULTS
    assert json.loads(notebook("row = %kql SigninLogs | count\nprint(json.dumps([list(r) for r in row]))").splitlines()[-1]) == [[10]]
    notebook("%kql row << print a=long(5), b='x', c=datetime(2026-01-05T08:00:00Z), d=dynamic({'k':[1]}), e=1.5, f=true, g=1d")
    said = notebook("r = row.to_dataframe().iloc[0]; print([int(r.a), r.b, r.c.isoformat()[:19], r.d['k'], float(r.e), bool(r.f), r.g.total_seconds()])")
    assert said.strip() == "[5, 'x', '2026-01-05T08:00:00', [1], 1.5, True, 86400.0]"
    assert notebook("wrong = %kql NoSuchTable | take 1\nprint(wrong)").splitlines()[-1] == "None"


def test_the_block_of_a_script_answers(variables, tmp_path):
    _, text = block("clients.md", "kqlmagic-script")
    text += "import json\nprint(json.dumps(frame.values.tolist(), default=int))\n"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=tmp_path, env=variables, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == RESULTS
