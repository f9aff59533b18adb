"""azure-monitor-query 2, azure-monitor-ingestion, azure-identity, elasticsearch, and what needs no client at all."""

import json
import os
from datetime import timedelta

import pytest

from conftest import count

RESULTS = [["0", 7], ["50126", 3]]


def test_the_block_of_version_2_answers(run, https_url):
    assert sorted(run("clients.md", "monitor-query-2", https_url)["rows"]) == RESULTS


def test_a_managed_identity_gets_a_token(run, https_url):
    assert run("clients.md", "managed-identity", https_url)["count"] == 10


def test_batches_statistics_and_errors(run, https_url):
    from azure.core.exceptions import HttpResponseError
    from azure.monitor.query import LogsBatchQuery, LogsQueryStatus

    client = run("clients.md", "monitor-query-2", https_url)["client"]
    queries = ["SigninLogs | count", "NoSuchTable | take 1"]
    good, bad = client.query_batch([LogsBatchQuery("vedette", text, timespan=timedelta(days=30)) for text in queries])
    assert good.status == LogsQueryStatus.SUCCESS and good.tables[0].rows[0][0] == 10
    assert bad.status == LogsQueryStatus.FAILURE
    answer = client.query_workspace("vedette", "SigninLogs | count", timespan=None, include_statistics=True, include_visualization=True)
    assert answer.statistics["query"]["executionTime"] >= 0
    with pytest.raises(HttpResponseError) as error:
        client.query_workspace("vedette", "SigninLogs | where", timespan=None)
    assert error.value.status_code == 400


def test_uploaded_rows_are_there_when_the_client_returns(run, https_url):
    before = count("App_CL")
    run("senders.md", "logs-ingestion", https_url)
    assert count("App_CL") == before + 100


def test_more_than_a_megabyte_is_sent_in_parts(run, https_url):
    before = count("Large_CL")
    variables = run("senders.md", "logs-ingestion", https_url)
    logs = [{"Message": "x" * 1000, "Number": number} for number in range(3000)]
    variables["client"].upload(rule_id=variables["rule"], stream_name="Custom-Large_CL", logs=logs)
    assert count("Large_CL") == before + 3000


def test_curl_sends_logs(run, url):
    before = count("Curl_CL")
    run("senders.md", "logs-ingestion-curl", url)
    assert count("Curl_CL") == before + 1


def test_elasticsearch_stores_documents(run, url):
    before = count("elastic_CL")
    assert run("senders.md", "elasticsearch", url)["stored"] == 100
    assert count("elastic_CL") == before + 100


def test_the_data_collector_takes_signed_bodies(run, url):
    before = count("Collected_CL")
    run("senders.md", "data-collector", url)
    assert count("Collected_CL") == before + 1


def test_otlp_is_taken(run, url):
    before = count("OTelLogs_CL")
    run("senders.md", "otlp", url)
    assert count("OTelLogs_CL") == before + 1


def test_curl_asks(run, url):
    rows = json.loads(run("clients.md", "curl-query", url))["tables"][0]["rows"]
    assert sorted(rows) == RESULTS


def test_graph_hunting_answers(run, url):
    assert json.loads(run("clients.md", "curl-hunting", url))["results"] == [{"Count": 3}]


def test_what_grafana_sends_is_answered(run, url):
    table = json.loads(run("clients.md", "grafana", url))["Tables"][0]
    assert [column["ColumnType"] for column in table["Columns"]] == ["datetime", "long"]
    assert sum(row[1] for row in table["Rows"]) == 10


def test_files_are_sent_by_the_command(run, https_url, tmp_path):
    os.makedirs(tmp_path / "logs")
    (tmp_path / "logs/sign-ins.json").write_text(
        json.dumps({"time": "2026-01-05T09:00:00Z", "category": "NonInteractiveUserSignInLogs", "operationName": "Sign-in activity", "properties": {"id": os.urandom(16).hex(), "createdDateTime": "2026-01-05T09:00:00Z"}})
    )
    before = count("AADNonInteractiveUserSignInLogs")
    run("senders.md", "ingest-server", https_url)
    assert count("AADNonInteractiveUserSignInLogs") == before + 1
