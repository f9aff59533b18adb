"""Where the service is, for the clients that ask: what the harness that started it says in the environment."""

import os

URL = os.environ["VEDETTE_URL"].rstrip("/")
HTTPS_URL = os.environ.get("VEDETTE_HTTPS_URL", "").rstrip("/")
CA = os.environ.get("VEDETTE_CA", "")
TOKEN = os.environ.get("VEDETTE_READER_TOKEN") or os.environ["VEDETTE_TOKEN"]
ADMINISTRATOR_TOKEN = os.environ.get("VEDETTE_ADMINISTRATOR_TOKEN", "")
WORKSPACE = os.environ.get("VEDETTE_WORKSPACE", "Vedette")


class StaticToken:
    """A credential of azure-core that always gives the service's token."""

    def get_token(self, *scopes, **kwargs):
        from azure.core.credentials import AccessToken

        return AccessToken(TOKEN, 4102444800)
