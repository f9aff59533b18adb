"""azure-kusto-ingest: streaming, managed and queued, and what its status queues and table say."""

import io
import json
import os
import time
import uuid
from urllib.parse import urlsplit

import pandas
import pytest
from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableClient
from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import (
    BlobDescriptor,
    ColumnMapping,
    FileDescriptor,
    IngestionProperties,
    KustoStreamingIngestClient,
    ManagedStreamingIngestClient,
    QueuedIngestClient,
    ReportLevel,
    StreamDescriptor,
)
from azure.kusto.ingest.exceptions import KustoQueueError
from azure.kusto.ingest.status import KustoIngestStatusQueues
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from conftest import count, query

# Time for a message to be done: the service looks each second.
PATIENCE = 30


def connection(url, token="VEDETTE_INGEST_TOKEN"):
    return KustoConnectionStringBuilder.with_aad_user_token_authentication(url, os.environ[token])


@pytest.fixture(autouse=True)
def authority(monkeypatch):
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, os.environ["VEDETTE_CA"])


@pytest.fixture
def table():
    """A new table of two columns."""
    name = f"Kusto{uuid.uuid4().hex}_CL"
    client = KustoClient(connection(os.environ["VEDETTE_URL"], "VEDETTE_ADMINISTRATOR_TOKEN"))
    client.execute_mgmt("vedette", f".create-merge table {name} (Message: string, Level: long)")
    return name


@pytest.fixture
def queued(url):
    with QueuedIngestClient(connection(url)) as client:
        drain(client)
        yield client


def properties(table, data_format=DataFormat.CSV, **more):
    more.setdefault("report_level", ReportLevel.FailuresAndSuccesses)
    return IngestionProperties(database="vedette", table=table, data_format=data_format, **more)


def outcomes_of(client, source):
    """The outcomes of one source, succeeded and failed, once there is one."""
    queues, deadline = KustoIngestStatusQueues(client), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        succeeded, failed = ([m for m in q.pop(30) if m.IngestionSourceId == str(source)] for q in (queues.success, queues.failure))
        if succeeded or failed:
            return succeeded, failed
        time.sleep(0.05)
    raise AssertionError(f"nothing became of {source}")


def drain(client):
    queues = KustoIngestStatusQueues(client)
    while queues.success.pop(30) or queues.failure.pop(30):
        pass


def levels(table):
    return sorted(row[0] for row in query(f"{table} | project Level"))


def test_the_block_of_queued_ingestion_is_stored_once(run, url):
    client = KustoClient(connection(os.environ["VEDETTE_URL"], "VEDETTE_ADMINISTRATOR_TOKEN"))
    client.execute_mgmt("vedette", ".create-merge table Queued_CL (Message: string, Level: long)")
    with QueuedIngestClient(connection(url)) as mine:
        drain(mine)
    before = count("Queued_CL")
    said = run("senders.md", "kusto-queued", url)
    assert [str(said["source"])] == [message.IngestionSourceId for message in said["succeeded"]] and not said["failed"]
    assert count("Queued_CL") == before + 100


def test_a_file_is_stored_once_with_header_and_mapping(queued, table, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("number,text\n" + "".join(f'{number},"message, {number}"\n' for number in range(50)))
    mapping = [ColumnMapping("Level", "long", ordinal=0), ColumnMapping("Message", "string", ordinal=1)]
    source = queued.ingest_from_file(FileDescriptor(str(file)), properties(table, ignore_first_record=True, column_mappings=mapping)).source_id
    succeeded, failed = outcomes_of(queued, source)
    assert (len(succeeded), failed) == (1, [])
    assert (succeeded[0].Database, succeeded[0].Table) == ("vedette", table)
    assert succeeded[0].SucceededOn and "sig=" not in succeeded[0].IngestionSourcePath
    assert levels(table) == list(range(50))
    assert query(f"{table} | where Level == 7 | project Message") == [["message, 7"]]


def test_a_stream_in_blocks_is_stored_once(queued, table, monkeypatch):
    # As the storage client does with blobs over 64 MiB.
    from azure.storage.blob import BlobServiceClient

    made = BlobServiceClient.__init__

    def small_blocks(self, *arguments, **options):
        made(self, *arguments, **options, max_single_put_size=4096, max_block_size=4096)

    monkeypatch.setattr(BlobServiceClient, "__init__", small_blocks)
    text = "".join(json.dumps({"Message": os.urandom(40).hex(), "Level": number}) + "\n" for number in range(500))
    source = queued.ingest_from_stream(io.BytesIO(text.encode()), properties(table, DataFormat.JSON)).source_id
    succeeded, failed = outcomes_of(queued, source)
    assert (len(succeeded), failed) == (1, [])
    assert levels(table) == list(range(500))


def test_the_same_message_twice_is_stored_once(queued, table):
    blob = {}
    sent = QueuedIngestClient.ingest_from_blob

    def remember(self, blob_descriptor, ingestion_properties):
        blob["descriptor"] = blob_descriptor
        return sent(self, blob_descriptor, ingestion_properties)

    QueuedIngestClient.ingest_from_blob = remember
    try:
        source = queued.ingest_from_stream(io.BytesIO(b"a,1\nb,2\n"), properties(table)).source_id
    finally:
        QueuedIngestClient.ingest_from_blob = sent
    queued.ingest_from_blob(blob["descriptor"], properties(table))
    assert len(outcomes_of(queued, source)[0]) == 1
    queued.ingest_from_blob(blob["descriptor"], properties(table))
    # What is sent later is done later.
    other = queued.ingest_from_stream(io.BytesIO(b"c,3\n"), properties(table)).source_id
    assert len(outcomes_of(queued, other)[0]) == 1
    assert KustoIngestStatusQueues(queued).failure.is_empty()
    assert levels(table) == [1, 2, 3]


@pytest.mark.parametrize(
    "name, body, more, code",
    [
        ("NoSuch_CL", b"a,1\n", {}, "BadRequest_EntityNotFound"),
        (None, b"a,1\n", {"ingestion_mapping_reference": "missing"}, "BadRequest_EntityNotFound"),
        (None, b"{]\n", {"data_format": DataFormat.JSON}, "BadRequest_NoRecordsOrWrongFormat"),
        (None, b"x", {"data_format": DataFormat.PARQUET}, "BadRequest_FormatNotSupported"),
    ],
)
def test_what_cannot_be_stored_is_in_the_queue_of_failures(queued, table, name, body, more, code):
    source = queued.ingest_from_stream(io.BytesIO(body), properties(name or table, **more)).source_id
    succeeded, failed = outcomes_of(queued, source)
    assert (succeeded, [message.ErrorCode for message in failed]) == ([], [code])
    assert (failed[0].FailureStatus, failed[0].ShouldRetry) == ("Permanent", False)
    assert failed[0].FailedOn and failed[0].Details


def test_what_is_reported_is_what_was_asked_for(queued, table):
    queues = KustoIngestStatusQueues(queued)
    for level in (ReportLevel.DoNotReport, ReportLevel.FailuresOnly):
        queued.ingest_from_stream(io.BytesIO(b"a,1\n"), properties(table, report_level=level))
    queued.ingest_from_stream(io.BytesIO(b"a,1\n"), properties("NoSuch_CL", report_level=ReportLevel.DoNotReport))
    last = queued.ingest_from_stream(io.BytesIO(b"a,2\n"), properties(table)).source_id
    succeeded, failed = outcomes_of(queued, last)
    assert (len(succeeded), failed) == (1, [])
    deadline = time.monotonic() + PATIENCE
    while len(levels(table)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert levels(table) == [1, 1, 2]
    assert queues.success.is_empty() and queues.failure.is_empty()


def test_a_message_is_peeked_at_and_popped_once(queued, table):
    queues = KustoIngestStatusQueues(queued)
    sources = {str(queued.ingest_from_stream(io.BytesIO(b"a,1\n"), properties(table)).source_id) for _ in range(3)}
    deadline = time.monotonic() + PATIENCE
    # Not by their number: another test's message may come late.
    while not {message.IngestionSourceId for message in queues.success.peek(30)} >= sources and time.monotonic() < deadline:
        time.sleep(0.05)
    assert {message.IngestionSourceId for message in queues.success.peek(30)} >= sources
    assert {message.IngestionSourceId for message in queues.success.pop(30)} >= sources
    assert queues.success.is_empty()


def test_outcomes_are_their_senders_own(url, queued, table):
    source = queued.ingest_from_stream(io.BytesIO(b"a,1\n"), properties(table)).source_id
    with QueuedIngestClient(connection(url, "VEDETTE_ADMINISTRATOR_TOKEN")) as other:
        deadline = time.monotonic() + PATIENCE
        while count(table) < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert KustoIngestStatusQueues(other).success.is_empty()
    assert len(outcomes_of(queued, source)[0]) == 1


def test_blobs_elsewhere_are_refused(queued, table):
    with pytest.raises(KustoQueueError):
        queued.ingest_from_blob(BlobDescriptor("http://169.254.169.254/container/blob.csv?sig=x", 10), properties(table))


def resource(url, kind):
    rows = KustoClient(connection(url)).execute("NetDefaultDB", ".get ingestion resources").primary_results[0]
    return urlsplit(next(row["StorageRoot"] for row in rows if row["ResourceTypeName"] == kind))


def test_a_status_in_the_table_changes_when_its_message_is_done(url, queued, table):
    # What SDKs in other languages do with `ReportMethod.Table`, by the storage clients that they use.
    root = resource(url, "IngestionsStatusTable")
    statuses = TableClient(f"{root.scheme}://{root.netloc}", root.path.lstrip("/"), credential=AzureSasCredential(root.query))
    key = str(uuid.uuid4())
    with pytest.raises(ResourceNotFoundError):
        statuses.get_entity(key, key)
    statuses.create_entity({"PartitionKey": key, "RowKey": key, "Status": "Pending", "IngestionSourceId": uuid.UUID(key)})
    with pytest.raises(ResourceExistsError):
        statuses.create_entity({"PartitionKey": key, "RowKey": key, "Status": "Pending"})
    assert statuses.get_entity(key, key)["Status"] == "Pending"
    with pytest.raises(HttpResponseError, match="one by one"):
        list(statuses.list_entities())

    container = queued._resource_manager.get_containers()
    blob = queued.upload_blob(container, StreamDescriptor(io.BytesIO(b"a,5\n")), "vedette", table, io.BytesIO(b"a,5\n"), None, 60, 1)
    message = {"BlobPath": blob.path, "DatabaseName": "vedette", "TableName": table, "Id": key, "ReportLevel": "FailuresAndSuccesses"}
    message |= {"ReportMethod": "Table", "IngestionStatusInTable": {"partitionKey": key, "rowKey": key}, "AdditionalProperties": {"format": "csv"}}
    queue = QueueClient.from_queue_url(resource(url, "SecuredReadyForAggregationQueue").geturl(), message_encode_policy=TextBase64EncodePolicy())
    queue.send_message(json.dumps(message))
    deadline = time.monotonic() + PATIENCE
    while (entity := statuses.get_entity(key, key))["Status"] == "Pending" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (entity["Status"], entity["Table"], entity["IngestionSourceId"]) == ("Succeeded", table, uuid.UUID(key))
    assert isinstance(entity["OperationId"], uuid.UUID)
    assert levels(table) == [5]
    assert KustoIngestStatusQueues(queued).success.is_empty()


def test_a_signature_counts_for_its_own_queue_only(url):
    failed, succeeded = resource(url, "FailedIngestionsQueue"), resource(url, "SuccessfulIngestionsQueue")
    swapped = QueueClient.from_queue_url(failed._replace(query=succeeded.query).geturl())
    with pytest.raises(HttpResponseError) as error:
        swapped.peek_messages()
    assert error.value.status_code == 401
    own = QueueClient.from_queue_url(failed.geturl())
    assert own.get_queue_properties().approximate_message_count >= 0


def test_streaming_and_managed_clients_store_once(url, table):
    frame = pandas.DataFrame({"Message": ["a", "b"], "Level": [1, 2]})
    with KustoStreamingIngestClient(connection(url)) as client:
        client.ingest_from_dataframe(frame, properties(table, DataFormat.JSON))
    with ManagedStreamingIngestClient(connection(url)) as client:
        assert client.ingest_from_stream(io.BytesIO(b"c,3\n"), properties(table)).status.value == "SUCCESS"
    assert levels(table) == [1, 2, 3]


def test_the_managed_client_queues_what_is_too_large_to_stream(url, table):
    # Random text, so that compression leaves it over 4 MiB.
    text = "".join(f"{os.urandom(3000).hex()},{number}\n" for number in range(1800))
    with ManagedStreamingIngestClient(connection(url)) as client:
        drain(client.queued_client)
        said = client.ingest_from_stream(io.BytesIO(text.encode()), properties(table))
        assert said.status.value == "QUEUED"
        succeeded, failed = outcomes_of(client.queued_client, said.source_id)
        assert (len(succeeded), failed) == (1, [])
    assert levels(table) == list(range(1800))
