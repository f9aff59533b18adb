"""Kqlmagic, unmodified: it asks for the schema by itself when it connects. Its tokens come from the service's own token endpoint, over https."""

import os

import pytest

from query_settings import CA, HTTPS_URL, URL

CLIENT, SECRET = os.environ.get("VEDETTE_CLIENT_ID", ""), os.environ.get("VEDETTE_CLIENT_SECRET", "")


@pytest.mark.skipif(not (HTTPS_URL and CLIENT), reason="needs https and a client with a secret")
def test_a_query_is_read_with_client_credentials():
    os.environ["REQUESTS_CA_BUNDLE"] = CA
    Kqlmagic = pytest.importorskip("Kqlmagic")
    Kqlmagic.kql(
        f"azureDataExplorer://tenant='adfs';aadurl='{HTTPS_URL}';clientid='{CLIENT}';clientsecret='{SECRET}';"
        f"cluster='{URL}';database='Vedette'"
    )
    result = Kqlmagic.kql("print x=1, t=datetime(2024-01-01)")
    assert result.to_dataframe()["x"][0] == 1
