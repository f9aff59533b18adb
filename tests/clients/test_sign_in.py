"""Signing in with unmodified clients: azure-identity's credentials, and a browser's way through a real OpenID provider.

Starts a service of its own, since both need one that is configured for them. `VEDETTE` names the built program. Alone:

    python3 -m venv target/clients/sign-in && target/clients/sign-in/bin/pip install -r tests/clients/requirements/sign-in.txt
    VEDETTE=target/debug/vedette target/clients/sign-in/bin/pytest tests/clients/test_sign_in.py
"""

import os
import re
import signal
import subprocess
from urllib.parse import urljoin, urlsplit

import oidc_provider_mock
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, ManagedIdentityCredential

PROGRAM = os.environ.get("VEDETTE")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="VEDETTE does not name the program")

PASSWORD = "a long enough sentence"
USERS = (
    oidc_provider_mock.User(sub="u-1", claims={"preferred_username": "alice", "name": "Alice Weber", "groups": ["soc", "unknown"]}),
    oidc_provider_mock.User(sub="u-2", claims={"preferred_username": "root", "groups": ["soc"]}),
)


def vedette(workspace, *arguments, stdin=None):
    command = [PROGRAM, *arguments, "--workspace", str(workspace)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout.strip()


class Service:
    """A running service with an administrator `root`, a client `fb` that sends, and a group `SOC` that reads."""

    def __init__(self, folder, issuer):
        self.workspace = folder / "workspace"
        subprocess.run([PROGRAM, "tls", "init", "--out", str(folder / "tls")], check=True, capture_output=True)
        self.ca = str(folder / "tls" / "ca.pem")
        config = folder / "vedette.toml"
        config.write_text(
            f"""
[workspace]
path = "{self.workspace}"
[http]
listen = "127.0.0.1:0"
[https]
listen = "127.0.0.1:0"
certificate = "{folder}/tls/certificate.pem"
key = "{folder}/tls/key.pem"
[access]
managed_identity = "fb"
[access.oidc.mock]
issuer = "{issuer}"
client_id = "vedette"
client_secret = {{ env = "OIDC_SECRET" }}
create_users = true
"""
        )
        environment = {**os.environ, "OIDC_SECRET": "s3cret"}
        self.process = subprocess.Popen([PROGRAM, "serve", "--config", str(config)], stdout=subprocess.PIPE, text=True, env=environment)
        # The log may say something first.
        line = next((line for line in self.process.stdout if line.startswith("listening on")), "")
        self.http, self.https = (re.search(rf"{scheme}://[0-9.:]+", line).group() for scheme in ("http", "https"))
        vedette(self.workspace, "users", "create", "root", "--role", "Administrator", stdin=PASSWORD)
        self.secret = vedette(self.workspace, "clients", "create", "Fluent Bit", "--id", "fb", "--role", "Ingest").split()[-1]
        self.token = vedette(self.workspace, "tokens", "create", "vm", "--role", "Reader")
        self.root = ("root", PASSWORD)

    def whoami(self, token):
        answer = requests.get(f"{self.http}/api/v1/session", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with oidc_provider_mock.run_server_in_thread(user_claims=USERS, require_nonce=True) as provider:
        service = Service(tmp_path_factory.mktemp("sign-in"), f"http://localhost:{provider.server_port}")
        yield service
        service.stop()


def test_client_secret_credential(service):
    host = urlsplit(service.https).netloc
    credential = ClientSecretCredential("adfs", "fb", service.secret, authority=f"https://{host}", connection_verify=service.ca)
    token = credential.get_token(f"{service.https}/.default")
    caller = service.whoami(token.token)
    assert (caller["id"], caller["roles"], caller["kind"]) == ("fb", ["Ingest"], "Application")


def test_client_secret_credential_with_a_wrong_secret(service):
    host = urlsplit(service.https).netloc
    credential = ClientSecretCredential("adfs", "fb", "vdc_wrong", authority=f"https://{host}", connection_verify=service.ca)
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token(f"{service.https}/.default")


def test_managed_identity_by_an_identity_header(service, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{service.http}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", service.token)
    caller = service.whoami(ManagedIdentityCredential().get_token(f"{service.http}/.default").token)
    assert (caller["name"], caller["roles"]) == ("vm", ["Reader"])
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential().get_token(f"{service.http}/.default")


def test_managed_identity_of_this_machine(service, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", service.http)
    caller = service.whoami(ManagedIdentityCredential().get_token(f"{service.http}/.default").token)
    assert (caller["id"], caller["kind"]) == ("fb", "ManagedIdentity")


def sign_in(service, browser, subject, action=None):
    """What a browser does: to the provider, through its form, back."""
    begun = browser.get(f"{service.http}/api/v1/oidc/mock/login", params={"return_to": "/incidents"}, allow_redirects=False)
    assert begun.status_code == 303, begun.text
    place = begun.headers["location"]
    assert "code_challenge_method=S256" in place and "nonce=" in place and "state=" in place
    form = {"action": action} if action else {"sub": subject}
    answered = requests.post(place, data=form, allow_redirects=False)
    return urljoin(service.http, answered.headers["location"])


def test_a_user_of_an_openid_provider_with_its_groups(service):
    group = requests.post(f"{service.http}/api/v1/groups", json={"name": "SOC"}, auth=service.root).json()
    grant = {"holderKind": "group", "holderId": group["id"], "role": "Responder"}
    assert requests.post(f"{service.http}/api/v1/grants", json=grant, auth=service.root).status_code == 201
    browser = requests.Session()
    back = sign_in(service, browser, "u-1")
    stranger = requests.get(back)
    assert stranger.status_code == 400, "another browser's sign-in is nobody else's"
    arrived = browser.get(back)
    assert arrived.status_code == 200 and 'url=/incidents"' in arrived.text, arrived.text
    caller = browser.get(f"{service.http}/api/v1/session").json()
    assert (caller["name"], caller["roles"], caller["kind"]) == ("alice", ["Responder"], "User")
    assert browser.get(back).status_code == 400, "a state is taken once"


def test_a_name_that_somebody_here_has_is_not_taken_over(service):
    browser = requests.Session()
    refused = browser.get(sign_in(service, browser, "u-2"))
    assert refused.status_code == 409, refused.text
    assert browser.get(f"{service.http}/api/v1/session").status_code == 401


def test_who_is_denied_at_the_provider_is_not_signed_in(service):
    browser = requests.Session()
    back = sign_in(service, browser, "u-1", action="deny")
    # This provider leaves the state out of a denial, which the standard (RFC 6749, 4.1.2.1) wants there.
    assert browser.get(back).status_code == 400
    begun = browser.get(f"{service.http}/api/v1/oidc/mock/login", allow_redirects=False)
    state = re.search(r"state=([^&]+)", begun.headers["location"]).group(1)
    denied = browser.get(back, params={"state": state})
    assert denied.status_code == 401 and "access_denied" in denied.text


def test_a_code_that_the_provider_did_not_give_is_refused(service):
    browser = requests.Session()
    back = re.sub(r"code=[^&]*", "code=made-up", sign_in(service, browser, "u-1"))
    assert browser.get(back).status_code == 401
