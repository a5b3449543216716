"""Which secrets a connection cannot do without is what its login asks for: the list never says less, nor more."""

from __future__ import annotations

import itertools

import pytest

from tests.clock import FakeClock
from tests.vendors.fakes import secrets_of
from tui import vendors
from tui.errors import CredentialsError
from tui.model import Connection
from tui.vendors.contract import ChoosesSecrets

CONNECTIONS = [
    *(("aspera", {"username": "ops", "auth": auth}) for auth in ("basic", "token", "query", "api-key")),
    ("jaggaer", {}),
    ("jaggaer", {"token_url": "https://auth.example/token", "client_id": "app"}),
    ("octoplant", {"username": "ops", "client_id": "public-api"}),
]


@pytest.mark.parametrize(("name", "options"), CONNECTIONS)
def test_a_login_is_made_when_all_that_is_needed_was_found(name: str, options: dict[str, str]) -> None:
    vendor = vendors.load(name)
    assert isinstance(vendor, ChoosesSecrets)
    connection = Connection("one", name, "https://vendor.example", options)
    fields = [field.name for field in vendor.secrets]
    for found in itertools.chain.from_iterable(itertools.combinations(fields, count) for count in range(4)):
        secrets = secrets_of("one", **dict.fromkeys(found, "s"))
        if set(vendor.needed(connection, found)) <= set(found):
            vendor.login(connection, secrets, FakeClock())
        else:
            with pytest.raises(CredentialsError, match="missing"):
                vendor.login(connection, secrets, FakeClock())
