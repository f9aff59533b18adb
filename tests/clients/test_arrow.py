"""Rows in Arrow's format: `vedette query --format arrow`, read by pyarrow, Polars and DuckDB."""

import datetime
import json
import os
import subprocess
from pathlib import Path

import duckdb
import polars
import pyarrow
import pytest

from conftest import block

COLUMNS = """
print b=true, i=int(7), l=long(-8), r=real(0.5), d=decimal(1.25), t=datetime(2024-02-29 12:00:00.1234567), s=timespan(-00:00:00.0000015),
    u='é and a text of more than a few letters', g=guid(6a1f0c9e-0000-4000-8000-000000000001), j=dynamic({'a': [1, null]})
"""


@pytest.fixture
def case(tmp_path, monkeypatch):
    """A folder with the workspace `case-17`, of three sign-ins of two users."""
    sign_ins = [{"id": str(at), "createdDateTime": f"2024-02-29T12:00:0{at}Z", "userPrincipalName": user, "appDisplayName": "Portal",
                 "ipAddress": "203.0.113.7", "status": {"errorCode": 0}} for at, user in enumerate(["a@x.example", "b@x.example", "a@x.example"])]
    (tmp_path / "signIns.json").write_text(json.dumps({"value": sign_ins}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.path.dirname(os.environ["VEDETTE"]) + os.pathsep + os.environ["PATH"])
    subprocess.run(["vedette", "ingest", "--workspace", "case-17", "signIns.json"], check=True, capture_output=True)


def asked(query):
    command = ["vedette", "query", "--workspace", "case-17", "--format", "arrow", query]
    done = subprocess.run(command, capture_output=True, check=True)
    return pyarrow.ipc.open_stream(done.stdout).read_all()


def test_the_block_of_the_page_counts_sign_ins_in_polars(case):
    variables = {}
    exec(compile(block("clients.md", "arrow")[1], "clients.md: arrow", "exec"), variables)
    rows = variables["sign_ins"].sort("UserPrincipalName").rows()
    assert rows == [("a@x.example", 2), ("b@x.example", 1)]


def test_each_type_comes_as_one_of_arrow(case):
    table = asked(COLUMNS)
    types = {field.name: str(field.type) for field in table.schema}
    assert types.pop("j") in ("extension<arrow.json>", "string")
    assert types == {"b": "bool", "i": "int32", "l": "int64", "r": "double", "d": "decimal128(38, 17)", "t": "timestamp[us, tz=UTC]",
                     "s": "duration[us]", "u": "string", "g": "string"}
    row = table.to_pylist()[0]
    assert json.loads(row.pop("j")) == {"a": [1, None]}
    assert (row["t"], row["s"]) == (
        datetime.datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc), datetime.timedelta(microseconds=-2))
    assert (row["b"], row["i"], row["l"], row["r"], str(row["d"]).rstrip("0")) == (True, 7, -8, 0.5, "1.25")
    assert (row["u"], row["g"]) == ("é and a text of more than a few letters", "6a1f0c9e-0000-4000-8000-000000000001")


def test_duckdb_asks_on_of_all_rows(case):
    rows = asked("SigninLogs | project TimeGenerated, UserPrincipalName")
    assert duckdb.sql("select UserPrincipalName, count(*) from rows group by 1 order by 1").fetchall() == [("a@x.example", 2), ("b@x.example", 1)]
    assert polars.from_arrow(asked("SigninLogs | where false")).shape[0] == 0
    assert Path("case-17").is_dir()


def test_what_has_no_one_table_is_refused(case):
    command = ["vedette", "query", "--workspace", "case-17", "--format", "arrow", "SigninLogs | count; SigninLogs | take 1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "this format holds one" in done.stderr and done.stdout == ""
