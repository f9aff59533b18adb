"""What the tests of clients and senders share.

The service runs; the environment says where:

VEDETTE_URL, VEDETTE_HTTPS_URL  its addresses
VEDETTE_CA                      the file of its authority
VEDETTE_READER_TOKEN, VEDETTE_INGEST_TOKEN, VEDETTE_ADMINISTRATOR_TOKEN (VEDETTE_TOKEN is the last outside blocks)
VEDETTE_CLIENT_ID, VEDETTE_CLIENT_SECRET
VEDETTE_WORKSPACE_ID, VEDETTE_SHARED_KEY
VEDETTE                         the built program

It has ten sign-ins, three of which failed.
"""

import json
import os
import re
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TOKENS = {"clients.md": "VEDETTE_READER_TOKEN", "senders.md": "VEDETTE_INGEST_TOKEN"}


def block(page, name):
    """The language and the text of the block of that name."""
    found = re.findall(rf"^```(\w+) name={re.escape(name)}\n(.*?)^```$", (DOCS / page).read_text(), re.M | re.S)
    assert len(found) == 1, f"{page} has {len(found)} blocks named {name}"
    return found[0]


@pytest.fixture(params=["http", "https"])
def url(request):
    return os.environ["VEDETTE_URL" if request.param == "http" else "VEDETTE_HTTPS_URL"]


@pytest.fixture
def https_url():
    return os.environ["VEDETTE_HTTPS_URL"]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a block of a page as its reader would: in a shell or in Python; gives what it printed or its variables."""

    def run(page, name, url):
        language, text = block(page, name)
        ca = os.environ["VEDETTE_CA"]
        monkeypatch.setenv("VEDETTE_URL", url)
        monkeypatch.setenv("VEDETTE_TOKEN", os.environ[TOKENS[page]])
        for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(variable, ca)
        if language == "python":
            variables = {}
            exec(compile(text, f"{page}: {name}", "exec"), variables)
            return variables
        path = os.path.dirname(os.environ["VEDETTE"]) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-euc", text], capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PATH": path}, timeout=60)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    return run


def query(text):
    """The rows of a query, asked without any client."""
    request = urllib.request.Request(
        os.environ["VEDETTE_URL"] + "/v1/workspaces/vedette/query",
        json.dumps({"query": text}).encode(),
        {"Authorization": "Bearer " + os.environ["VEDETTE_READER_TOKEN"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["tables"][0]["rows"]


def count(table):
    """Rows of a table that may not be there yet."""
    return query(f"union isfuzzy=true (datatable(x:int)[]), {table} | count")[0][0]
