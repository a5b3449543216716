"""Connections, their secrets and their tests, as the engine tells of them."""

from __future__ import annotations

from tui import vendors
from tui.engine.facts.connections import ConnectionFacts, ConnectionForm, SecretFact, Step, StepState
from tui.model import Safe, Setting

COMMON = (
    Setting("label", "what it is called on the board"),
    Setting("timeout", "seconds without a byte", default="20"),
    Setting("insecure", "true checks no certificate", default="false", choices=("false", "true")),
)

FORMS = tuple(
    ConnectionForm(name, vendors.load(name).label, (*vendors.load(name).settings, *COMMON), vendors.load(name).secrets)
    for name in vendors.names()
)

PASSWORD = SecretFact("password", "The user's password", required=True, source=Safe("keyring (Secret Service)"))

PLANT = ConnectionFacts(
    "plant",
    "octoplant",
    Safe("https://plant.example:64023"),
    (("base_url", Safe("https://plant.example:64023")), ("username", Safe("ops")), ("insecure", Safe("true"))),
    (
        PASSWORD,
        SecretFact(
            "client_secret", "Client secret of the API", required=False, source=Safe("vendor's published default")
        ),
        SecretFact("access_token", "A personal access token", required=False, source=None),
    ),
    jobs=2,
    requests_left=28,
)

ORCHESTRATOR = ConnectionFacts(
    "orchestrator",
    "aspera",
    Safe("http://orchestrator.example/aspera/orchestrator"),
    (
        ("base_url", Safe("http://orchestrator.example/aspera/orchestrator")),
        ("username", Safe("ops")),
    ),
    (
        SecretFact(
            "password",
            "the user's password",
            required=True,
            source=None,
            trouble=Safe("no keyring on this host: set JOBDECK_SECRET_ORCHESTRATOR_PASSWORD, or enter it here"),
        ),
        SecretFact("api_key", "the user's API key", required=False, source=Safe("environment"), is_given=True),
    ),
    jobs=0,
    requests_left=None,
)

STEPS = (
    Step("address", StepState.OK, Safe("plant.example is 127.0.0.1")),
    Step("TLS", StepState.WARNING, Safe("no certificate is checked"), Safe("name the server's own with ca_file")),
    Step("clock", StepState.OK, Safe("1 s apart")),
    Step("login", StepState.BROKEN, Safe("the password is [refused]"), Safe("enter it anew: s")),
    Step("right to read", StepState.SKIPPED, Safe("not tried")),
)
