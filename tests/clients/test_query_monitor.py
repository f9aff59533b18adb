"""azure-monitor-query, 1.x and 2.x, unmodified: over https where the service has it, else over http with its check turned off."""

import datetime

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.monitor.query import LogsBatchQuery, LogsQueryClient, LogsQueryStatus

from query_settings import CA, HTTPS_URL, StaticToken, TOKEN, URL, WORKSPACE


class AddToken(SansIOHTTPPolicy):
    def on_request(self, request):
        request.http_request.headers["Authorization"] = f"Bearer {TOKEN}"


def clients():
    yield "http", lambda: LogsQueryClient(StaticToken(), endpoint=f"{URL}/v1", authentication_policy=AddToken())
    if HTTPS_URL:
        yield "https", lambda: LogsQueryClient(StaticToken(), endpoint=f"{HTTPS_URL}/v1", connection_verify=CA or True)


@pytest.fixture(params=[make for _, make in clients()], ids=[name for name, _ in clients()])
def client(request):
    with request.param() as client:
        yield client


DAY = datetime.timedelta(days=1)


def test_every_type_arrives(client):
    text = "print b=true, l=5, r=1.5, s='text', t=datetime(2024-02-29T12:34:56Z), y=dynamic({'a':[1]}), ts=1h, nothing=long(null)"
    response = client.query_workspace(WORKSPACE, text, timespan=DAY)
    assert response.status == LogsQueryStatus.SUCCESS
    row = response.tables[0].rows[0]
    assert (row["b"], row["l"], row["r"], row["s"], row["nothing"]) == (True, 5, 1.5, "text", None)
    assert row["t"] == datetime.datetime(2024, 2, 29, 12, 34, 56, tzinfo=datetime.timezone.utc)
    assert '"a"' in str(row["y"]) or row["y"] == {"a": [1]}


def test_archived_rows_are_asked_for_in_the_query_and_a_reader_may_not(client):
    visible = client.query_workspace(WORKSPACE, "set query_datascope = 'default'; print x=1", timespan=DAY)
    assert visible.tables[0].rows[0]["x"] == 1
    with pytest.raises(HttpResponseError, match="Responder") as refused:
        client.query_workspace(WORKSPACE, "set query_datascope = 'all'; print x=1", timespan=DAY)
    assert refused.value.status_code == 403


@pytest.mark.parametrize(
    "timespan",
    [
        None,
        DAY,
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc), DAY),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc), datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)),
    ],
)
def test_time_ranges_are_taken(client, timespan):
    response = client.query_workspace(WORKSPACE, "SigninLogs | count", timespan=timespan)
    assert response.status == LogsQueryStatus.SUCCESS


def test_statistics_and_visualization_come_when_asked_for(client):
    text = "range x from 1 to 3 step 1 | render barchart with (title='By x')"
    response = client.query_workspace(WORKSPACE, text, timespan=DAY, include_statistics=True, include_visualization=True, server_timeout=60)
    assert response.statistics["query"]["executionTime"] >= 0
    assert response.visualization["visualization"] == "barchart"
    assert response.visualization["title"] == "By x"


def test_the_innermost_message_says_what_is_wrong(client):
    with pytest.raises(HttpResponseError) as wrong:
        client.query_workspace(WORKSPACE, "NoSuchTable", timespan=DAY)
    assert wrong.value.status_code == 400
    assert "NoSuchTable" in str(wrong.value)


def test_each_query_of_a_batch_has_its_own_result(client):
    batch = [
        LogsBatchQuery(workspace_id=WORKSPACE, query="print x=1", timespan=DAY),
        LogsBatchQuery(workspace_id=WORKSPACE, query="NoSuchTable", timespan=DAY),
        LogsBatchQuery(workspace_id=WORKSPACE, query="print x=3", timespan=DAY, include_statistics=True),
    ]
    results = client.query_batch(batch)
    assert [result.status for result in results] == [LogsQueryStatus.SUCCESS, LogsQueryStatus.FAILURE, LogsQueryStatus.SUCCESS]
    assert results[2].tables[0].rows[0]["x"] == 3


def test_a_workspace_is_asked_as_a_resource(client):
    resource = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/{WORKSPACE}"
    response = client.query_resource(resource, "print x=1", timespan=DAY)
    assert response.tables[0].rows[0]["x"] == 1


def test_a_result_that_is_cut_off_is_partial(client):
    response = client.query_workspace(WORKSPACE, "range x from 1 to 600000 step 1", timespan=DAY)
    assert response.status == LogsQueryStatus.PARTIAL
    assert len(response.partial_data[0].rows) == 500000
    assert response.partial_error is not None
