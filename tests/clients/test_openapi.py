"""`/openapi.json`: valid OpenAPI 3.1, and what the service answers is what the document says, no field more and none less."""

import os
import uuid

import pytest
import requests
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

URL = os.environ["VEDETTE_URL"]
ADMINISTRATOR = {"Authorization": "Bearer " + os.environ["VEDETTE_ADMINISTRATOR_TOKEN"]}


@pytest.fixture(scope="module")
def document():
    answer = requests.get(URL + "/openapi.json", headers=ADMINISTRATOR, timeout=60)
    assert answer.status_code == 200
    return answer.json()


def check(document, schema, value):
    """The value has the schema, and no field that the schema does not name."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) <= set(schema["properties"]), set(value) - set(schema["properties"])
        for name, part in value.items():
            check(document, schema["properties"][name], part)
    if isinstance(value, list) and "items" in schema:
        for part in value:
            check(document, schema["items"], part)


@pytest.fixture
def call(document):
    """Sends what the document describes and checks what comes against it; gives the answer."""

    def call(method, template, body=None, parameters=None, headers=ADMINISTRATOR, **names):
        operation = document["paths"][template][method]
        path = template.format(**names)
        if isinstance(body, dict):
            check(document, operation["requestBody"]["content"]["application/json"]["schema"], body)
            sent = {"json": body}
        else:
            sent = {"data": body, "headers": {"Content-Type": "application/octet-stream"}} if body else {}
        sent.setdefault("headers", {}).update(headers)
        answer = requests.request(method, URL + path, params=parameters, timeout=60, **sent)
        described = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
        content = described.get("content", {})
        if not content:
            assert not answer.content, answer.text
            return None
        kind = answer.headers["content-type"].split(";")[0]
        value = answer.json() if kind == "application/json" else answer.text
        check(document, content[kind]["schema"], value)
        return value

    return call


def test_the_document_is_valid(document):
    validate(document)
    assert len(document["paths"]) > 35


def test_those_who_may_are_as_described(call):
    name = f"openapi-{uuid.uuid4().hex}"
    user = call("post", "/api/v1/users", {"name": name, "password": "a wind over the tailwind 9"})
    assert user["name"] == name
    assert any(shown["id"] == user["id"] for shown in call("get", "/api/v1/users")["value"])
    assert call("get", "/api/v1/users/{id}", id=user["id"]) == user
    assert call("patch", "/api/v1/users/{id}", {"displayName": "Mia"}, id=user["id"])["displayName"] == "Mia"
    group = call("post", "/api/v1/groups", {"name": name})
    call("put", "/api/v1/groups/{id}/members/{user}", id=group["id"], user=user["id"])
    assert any(shown["members"] == [user["id"]] for shown in call("get", "/api/v1/groups")["value"])
    grant = call("post", "/api/v1/grants", {"holderKind": "group", "holderId": group["id"], "role": "Reader", "tables": ["Syslog"]})
    assert any(shown["id"] == grant["id"] for shown in call("get", "/api/v1/grants")["value"])
    call("delete", "/api/v1/grants/{id}", id=grant["id"])
    call("delete", "/api/v1/groups/{id}/members/{user}", id=group["id"], user=user["id"])
    call("delete", "/api/v1/groups/{id}", id=group["id"])
    call("delete", "/api/v1/users/{id}", id=user["id"])
    assert call("get", "/api/v1/users/{id}", id=user["id"])["error"]["code"] == "NotFound"


def test_what_callers_present_is_as_described(call):
    name = f"openapi-{uuid.uuid4().hex}"
    token = call("post", "/api/v1/tokens", {"name": name, "roles": [{"role": "Reader"}], "ofService": True})
    assert token["secret"]
    assert "previousUntil" in call("post", "/api/v1/tokens/{id}/rotate", {"overlapSeconds": 1}, id=token["id"])
    assert all("secret" not in shown for shown in call("get", "/api/v1/tokens")["value"])
    call("delete", "/api/v1/tokens/{id}", id=token["id"])
    client = call("post", "/api/v1/clients", {"name": name, "expires": "2035-01-01T00:00:00Z"})
    assert call("patch", "/api/v1/clients/{id}", {"disabled": True}, id=client["id"])["disabled"]
    assert call("post", "/api/v1/clients/{id}/rotate", id=client["id"])["secret"] != client["secret"]
    assert any(shown["id"] == client["id"] for shown in call("get", "/api/v1/clients")["value"])
    call("delete", "/api/v1/clients/{id}", id=client["id"])
    keys = call("post", "/api/v1/shared-keys/{workspace}", workspace=name)
    assert keys["workspace"] == name
    call("delete", "/api/v1/shared-keys/{workspace}", workspace=name)


def test_sessions_are_as_described(call):
    name, password = f"openapi-{uuid.uuid4().hex}", "a wind over the tailwind 9"
    user = call("post", "/api/v1/users", {"name": name, "password": password})
    assert call("post", "/api/v1/session", {"name": name, "password": password}, headers={})["csrfToken"]
    assert call("post", "/api/v1/session", {"name": name, "password": "wrong"}, headers={})["error"]
    assert call("get", "/api/v1/session")["kind"] == "Application"
    call("delete", "/api/v1/users/{id}", id=user["id"])


def test_the_service_itself_is_as_described(call):
    assert call("get", "/healthz") == call("get", "/readyz") == {"status": "ok"}
    assert isinstance(call("get", "/api/v1/findings"), list)
    assert "vedette_http_requests" in call("get", "/metrics")
    table = f"Openapi{uuid.uuid4().hex}_CL"
    stored = call("post", "/api/v1/ingest", '{"a": 1}\n', {"source": "x.json", "table": table})
    assert stored == {"accepted": 1, "rejected": 0, "repeated": False}
    assert call("post", "/api/v1/backups", {"name": "x"})["error"]["code"] == "BackupsNotConfigured"
