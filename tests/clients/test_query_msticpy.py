"""msticpy's providers, unmodified: Kusto and M365D's Graph over http, Microsoft Sentinel over https."""

import os
import tempfile
from pathlib import Path

import pytest

from query_settings import CA, HTTPS_URL, StaticToken, TOKEN, URL, WORKSPACE

CONFIG = f"""
Azure:
  cloud: global
  resource_manager_url: {HTTPS_URL or URL}
  auth_methods: [env]
AzureSentinel:
  Workspaces:
    Default:
      WorkspaceId: {WORKSPACE}
      TenantId: adfs
      SubscriptionId: 11111111-2222-3333-4444-555555555555
      ResourceGroup: g
      WorkspaceName: {WORKSPACE}
QueryProviders:
  Kusto:
    ClusterDefaults:
      Args: {{TenantId: adfs}}
    Clusters:
      Vedette:
        Args: {{Cluster: "{URL}"}}
DataProviders:
  M365DGraph:
    Args: {{ClientId: c, ClientSecret: s, TenantId: adfs}}
"""
FILE = Path(tempfile.mkdtemp()) / "msticpyconfig.yaml"
FILE.write_text(CONFIG)
os.environ["MSTICPYCONFIG"] = str(FILE)
if CA:
    os.environ["REQUESTS_CA_BUNDLE"] = CA
    os.environ["SSL_CERT_FILE"] = CA

msticpy = pytest.importorskip("msticpy")


def test_the_kusto_driver_reads_a_data_frame(monkeypatch):
    from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
    from msticpy.data.drivers.azure_kusto_driver import AzureKustoDriver

    driver = AzureKustoDriver()
    driver.client = KustoClient(KustoConnectionStringBuilder.with_aad_user_token_authentication(URL, TOKEN))
    driver._connected = True
    driver._default_database = "NetDefaultDB"
    result, _ = driver.query_with_results("print x=1, t=datetime(2024-01-01)", database="NetDefaultDB")
    assert list(result["x"]) == [1]


@pytest.mark.skipif(not HTTPS_URL, reason="msticpy's Sentinel driver speaks https only")
def test_the_sentinel_driver_reads_a_data_frame_and_the_schema():
    from azure.monitor.query import LogsQueryClient
    from msticpy.data.drivers.azure_monitor_driver import AzureMonitorDriver

    driver = AzureMonitorDriver()
    driver._query_client = LogsQueryClient(StaticToken(), endpoint=f"{HTTPS_URL}/v1", connection_verify=CA)
    driver._workspace_id = WORKSPACE
    driver._connected = True
    result, _ = driver.query_with_results("print x=1, t=datetime(2024-01-01)")
    assert list(result["x"]) == [1]


def test_the_graph_driver_reads_a_data_frame():
    import httpx

    # The driver's own request, as its `query_with_results` sends it: its addresses are those of Microsoft's clouds.
    answer = httpx.post(
        f"{URL}/v1.0/security/runHuntingQuery",
        json={"Query": "print x=1, t=datetime(2024-01-01)"},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    body = answer.json()
    assert body["results"] == [{"x": 1, "t": "2024-01-01T00:00:00Z"}]
    assert [column["type"] for column in body["schema"]] == ["Int64", "DateTime"]


def test_the_schema_of_the_workspace_is_listed():
    import httpx

    path = f"/subscriptions/s/resourcegroups/g/providers/Microsoft.OperationalInsights/workspaces/{WORKSPACE}/tables"
    answer = httpx.get(f"{URL}{path}", params={"api-version": "2021-12-01-preview"}, headers={"Authorization": f"Bearer {TOKEN}"})
    tables = {table["name"]: table["properties"]["schema"] for table in answer.json()["value"]}
    columns = tables["SigninLogs"]["standardColumns"] + tables["SigninLogs"]["customColumns"]
    assert {"name": "TimeGenerated", "type": "dateTime"}.items() <= columns[0].items()
