"""azure-kusto-data and azure-kusto-ingest."""

import os

import pytest
from azure.kusto.data import ClientRequestProperties, KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.exceptions import KustoServiceError

from conftest import count

RESULTS = [["0", 7], ["50126", 3]]


@pytest.fixture
def client(url, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.environ["VEDETTE_CA"])
    return KustoClient(KustoConnectionStringBuilder.with_aad_user_token_authentication(url, os.environ["VEDETTE_READER_TOKEN"]))


def test_the_block_answers(run, url):
    assert run("clients.md", "kusto-data", url)["frame"].values.tolist() == RESULTS


def test_client_credentials_are_taken(run, https_url):
    assert run("clients.md", "kusto-client-credentials", https_url)["count"] == 10


def test_the_streaming_reader_reads_the_frames(client):
    table = next(iter(client.execute_streaming_query("vedette", "range x from 1 to 5000 step 1").iter_primary_results()))
    assert sum(1 for _ in table) == 5000


def test_types_come_back_as_they_are(client):
    text = "print a=long(5), b='x', c=datetime(2026-01-05T08:00:00.1234567Z), d=1d+2h, e=dynamic({'k':[1]}), f=real(nan), g=true, h=decimal(3.14)"
    row = client.execute("vedette", text).primary_results[0][0]
    assert (row["a"], row["b"], row["g"], row["e"]) == (5, "x", True, {"k": [1]})
    assert row["c"].isoformat().startswith("2026-01-05T08:00:00.123456")
    assert row["d"].total_seconds() == 26 * 3600


def test_parameters_are_values_not_text(client):
    properties = ClientRequestProperties()
    properties.set_parameter("who", "x' | union SecurityAlert //")
    answer = client.execute("vedette", "declare query_parameters(who:string); print Who=who", properties)
    assert answer.primary_results[0][0]["Who"] == "x' | union SecurityAlert //"


def test_management_commands_answer(client):
    assert client.execute_mgmt("vedette", ".show version").primary_results[0][0]["ServiceType"] == "Engine"
    tables = [row["TableName"] for row in client.execute_mgmt("vedette", ".show tables").primary_results[0]]
    assert "SigninLogs" in tables


def test_an_unknown_table_is_a_semantic_error(client):
    with pytest.raises(KustoServiceError) as error:
        client.execute("vedette", "NoSuchTable | take 1")
    assert error.value.is_semantic_error()


def test_a_wrong_token_is_refused(url, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.environ["VEDETTE_CA"])
    client = KustoClient(KustoConnectionStringBuilder.with_aad_user_token_authentication(url, "nobody"))
    with pytest.raises(KustoServiceError):
        client.execute("vedette", "print 1")


def test_streamed_rows_are_there_when_the_client_returns(run, url):
    connection = KustoConnectionStringBuilder.with_aad_user_token_authentication(os.environ["VEDETTE_URL"], os.environ["VEDETTE_ADMINISTRATOR_TOKEN"])
    KustoClient(connection).execute_mgmt("vedette", ".create-merge table Streamed_CL (Message: string, Level: long)")
    before = count("Streamed_CL")
    run("senders.md", "kusto-streaming", url)
    assert count("Streamed_CL") == before + 100
