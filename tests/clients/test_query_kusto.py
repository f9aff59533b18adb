"""azure-kusto-data, unmodified, over plain http."""

import datetime

import pytest
from azure.kusto.data import ClientRequestProperties, KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.exceptions import KustoApiError, KustoMultiApiError, KustoServiceError
from azure.kusto.data.helpers import dataframe_from_result_table

from query_settings import ADMINISTRATOR_TOKEN, TOKEN, URL

DATABASE = "NetDefaultDB"
EVERY_TYPE = (
    "print b=true, i=int(5), l=5, r=1.5, d=decimal(3.14), s='text', g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), "
    "t=datetime(2024-02-29T12:34:56.1234567Z), ts=1d+1s, y=dynamic({'a':[1,2]}), n=real(nan), nothing=long(null)"
)


@pytest.fixture(scope="module")
def client():
    settings = KustoConnectionStringBuilder.with_aad_user_token_authentication(URL, TOKEN)
    with KustoClient(settings) as client:
        yield client


def test_every_type_arrives_as_its_python_type(client):
    row = client.execute(DATABASE, EVERY_TYPE).primary_results[0][0]
    assert (row["b"], row["i"], row["l"], row["r"], row["s"]) == (True, 5, 5, 1.5, "text")
    assert row["t"].astimezone(datetime.timezone.utc).replace(microsecond=0) == datetime.datetime(
        2024, 2, 29, 12, 34, 56, tzinfo=datetime.timezone.utc
    )
    assert row["ts"] == datetime.timedelta(days=1, seconds=1)
    assert row["y"] == {"a": [1, 2]}
    assert str(row["d"]) == "3.14"
    assert row["nothing"] is None


def test_a_result_becomes_a_data_frame(client):
    result = client.execute(DATABASE, "range x from 1 to 3 step 1 | extend t=datetime(2024-01-01)+x*1d, s=1s*x, y=dynamic([1]), b=x>1")
    frame = dataframe_from_result_table(result.primary_results[0])
    assert list(frame["x"]) == [1, 2, 3]
    assert list(frame["b"]) == [False, True, True]


def test_properties_bind_parameters_and_limit_the_result(client):
    properties = ClientRequestProperties()
    properties.set_parameter("n", 3)
    properties.set_parameter("s", "it's")
    properties.set_parameter("t", datetime.datetime(2024, 1, 1))
    properties.set_option(ClientRequestProperties.request_timeout_option_name, datetime.timedelta(seconds=30))
    text = "declare query_parameters(n:long, s:string, t:datetime); print n, s, t"
    row = client.execute(DATABASE, text, properties).primary_results[0][0]
    assert (row[0], row[1]) == (3, "it's")


@pytest.mark.skipif(not ADMINISTRATOR_TOKEN, reason="VEDETTE_ADMINISTRATOR_TOKEN is not set")
def test_archived_rows_are_asked_for_by_a_request_property_of_who_may(client):
    properties = ClientRequestProperties()
    properties.set_option("query_datascope", "all")
    settings = KustoConnectionStringBuilder.with_aad_user_token_authentication(URL, ADMINISTRATOR_TOKEN)
    with KustoClient(settings) as administrator:
        assert administrator.execute(DATABASE, "print x=1", properties).primary_results[0][0]["x"] == 1
    with pytest.raises(KustoServiceError, match="Responder"):
        client.execute(DATABASE, "print x=1", properties)


def test_a_result_that_is_cut_off_is_an_error_unless_that_is_deferred(client):
    properties = ClientRequestProperties()
    properties.set_option("truncationmaxrecords", 2)
    with pytest.raises((KustoServiceError, KustoApiError, KustoMultiApiError)):
        client.execute(DATABASE, "range x from 1 to 5 step 1", properties)
    properties.set_option("deferpartialqueryfailures", True)
    result = client.execute(DATABASE, "range x from 1 to 5 step 1", properties)
    assert len(result.primary_results[0]) == 2
    assert result.errors_count > 0


def test_a_result_is_read_as_a_stream(client):
    result = client.execute_streaming_query(DATABASE, "range x from 1 to 100000 step 1")
    table = next(result.iter_primary_results())
    assert sum(row["x"] for row in table) == 5000050000


def test_several_results_come_of_one_query(client):
    result = client.execute(DATABASE, "range x from 1 to 3 step 1 | fork (count) (where x > 1)")
    assert len(result.primary_results) == 2


def test_version_1_is_read_too():
    settings = KustoConnectionStringBuilder.with_aad_user_token_authentication(URL, TOKEN)
    with KustoClient(settings) as old:
        old._query_endpoint = old._query_endpoint.replace("/v2/", "/v1/")
        row = old.execute(DATABASE, EVERY_TYPE).primary_results[0][0]
    assert (row["l"], row["s"], row["ts"]) == (5, "text", datetime.timedelta(days=1, seconds=1))


@pytest.mark.parametrize(
    "command",
    [".show version", ".show databases", ".show databases schema", ".show tables", ".show cluster", ".show functions"],
)
def test_commands_are_answered(client, command):
    result = client.execute_mgmt(DATABASE, command)
    assert len(result.primary_results) == 1
    assert result.primary_results[0].columns_count > 0


def test_the_schema_is_a_document(client):
    import json

    row = client.execute_mgmt(DATABASE, ".show database Vedette schema as json").primary_results[0][0]
    database = json.loads(row[0])["Databases"]["Vedette"]
    assert database["Tables"]["SigninLogs"]["OrderedColumns"][0]["CslType"] == "datetime"


def test_what_is_wrong_is_told(client):
    with pytest.raises(KustoServiceError) as semantic:
        client.execute(DATABASE, "NoSuchTable | take 1")
    assert semantic.value.is_semantic_error()
    assert "SEM0100" in str(semantic.value)
    with pytest.raises(KustoServiceError) as syntax:
        client.execute(DATABASE, "SigninLogs | wher x")
    assert "SYN0002" in str(syntax.value)
    with pytest.raises(KustoServiceError) as unknown:
        client.execute("NoSuchDatabase", "print 1")
    assert "NoSuchDatabase" in str(unknown.value)


def test_nobody_gets_nothing():
    settings = KustoConnectionStringBuilder.with_aad_user_token_authentication(URL, "wrong")
    with KustoClient(settings) as stranger, pytest.raises(Exception):
        stranger.execute(DATABASE, "print 1")
