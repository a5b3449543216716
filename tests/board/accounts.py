"""Connections, their secrets and their tests, as the engine tells of them."""

from __future__ import annotations

from tui import vendors
from tui.engine.facts.connections import ConnectionFacts, ConnectionForm, SecretFact, Step, StepState
from tui.model import Setting

COMMON = (
    Setting("label", "what it is called on the board"),
    Setting("timeout", "seconds without a byte", default="20"),
    Setting("insecure", "true checks no certificate", default="false", choices=("false", "true")),
)

FORMS = tuple(
    ConnectionForm(name, vendors.load(name).label, (*vendors.load(name).settings, *COMMON), vendors.load(name).secrets)
    for name in vendors.names()
)

PASSWORD = SecretFact("password", "The user's password", required=True, source="keyring (Secret Service)")

PLANT = ConnectionFacts(
    "plant",
    "octoplant",
    "octoplant",
    "https://plant.example:64023",
    (("base_url", "https://plant.example:64023"), ("username", "ops"), ("insecure", "true")),
    (
        PASSWORD,
        SecretFact("client_secret", "Client secret of the API", required=False, source="vendor's published default"),
        SecretFact("access_token", "A personal access token", required=False, source=None),
    ),
    jobs=2,
    requests_left=28,
)

ORCHESTRATOR = ConnectionFacts(
    "orchestrator",
    "aspera",
    "Aspera",
    "http://orchestrator.example/aspera/orchestrator",
    (
        ("base_url", "http://orchestrator.example/aspera/orchestrator"),
        ("username", "ops"),
    ),
    (
        SecretFact(
            "password",
            "the user's password",
            required=True,
            source=None,
            trouble="no keyring on this host: set JOBDECK_SECRET_ORCHESTRATOR_PASSWORD, or enter it here",
        ),
        SecretFact("api_key", "the user's API key", required=False, source="environment"),
    ),
    jobs=0,
    requests_left=None,
)

STEPS = (
    Step("address", StepState.OK, "plant.example is 127.0.0.1"),
    Step("TLS", StepState.WARNING, "no certificate is checked", "name the server's own with ca_file"),
    Step("clock", StepState.OK, "1 s apart"),
    Step("login", StepState.BROKEN, "the password is [refused]", "enter it anew: s"),
    Step("right to read", StepState.SKIPPED, "not tried"),
)
