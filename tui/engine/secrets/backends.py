"""What a keyring backend is asked to do, and which ones may be asked: none that stores in plain text, or nowhere.

Everything here blocks, may hang, and raises CredentialsError or whatever the backend raises
(facts: secrets, section 1).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.engine.secrets import secret_service
from tui.errors import CredentialsError
from tui.model import Secret
from tui.text import safe_line

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "jobdeck"
_GOOD_MODULES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "libsecret",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring_pass": "pass",
}
"""The backends that keep secrets safe, and their names for people."""
_CHOICE = "PYTHON_KEYRING_BACKEND"
"""The variable in which a user names the backend of his choice, as MODULE.CLASS."""
_NEVER = re.compile(r"(?i)plain|(?:^|\.)(?:null|fail|chainer)\.|^keyrings\.(?:alt|cryptfile)\.")
"""What is refused all the same: it stores in plain text, or nowhere, or asks for a password on the terminal."""
_TELL_OF_A_KEYRING = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    _CHOICE,
)
"""Environment variables: with one of them a keyring is looked for."""
_LONGEST_NAME = 80
"""Characters of a backend's name that are shown."""
ON_SERVERS = "README: Over SSH and on servers"
HINT = f"use an environment variable or secret_command instead ({ON_SERVERS})"


def _is_known_to_be_missing(environ: Mapping[str, str]) -> bool:
    """Whether there cannot be a keyring: a Linux host where no desktop runs and no other backend is installed.

    Then keyring and what it tries, half of the board's memory above Textual's, are not loaded.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  # only in the keyring's thread

    if sys.platform != "linux" or any(environ.get(name) for name in _TELL_OF_A_KEYRING):
        return False
    bus = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    chosen = Path(environ.get("XDG_CONFIG_HOME") or "~/.config", "python_keyring", "keyringrc.cfg").expanduser()
    backends = entry_points(group="keyring.backends")
    is_alone = all(backend.value.startswith("keyring.backends.") for backend in backends)
    return is_alone and not bus.exists() and not chosen.exists()


def usual() -> KeyringBackend:
    """The one that keyring chooses for this user, or its safe part. Raises CredentialsError where there is none."""
    if "keyring" not in sys.modules and _is_known_to_be_missing(os.environ):
        raise CredentialsError("there is no keyring on this host", hint=HINT)
    import keyring  # noqa: PLC0415  # 80 ms that a run without the keyring does not pay
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if kind(backend):
            return backend
    name = type(chosen).__module__.removeprefix("keyring.backends.")
    if name == "fail":
        raise CredentialsError("there is no keyring on this host", hint=HINT)
    raise CredentialsError(f"the keyring backend {name} is refused: it does not store secrets safely", hint=HINT)


def kind(backend: KeyringBackend) -> str | None:
    """The name for people of a backend that keeps secrets safe, or that the user vouches for; None for any other."""
    module = f"{type(backend).__module__}."
    known = next((kind for good, kind in _GOOD_MODULES.items() if module.startswith(f"{good}.")), None)
    name = f"{module}{type(backend).__qualname__}"
    is_chosen = os.environ.get(_CHOICE) == name and not _NEVER.search(name)
    return known or (safe_line(name, _LONGEST_NAME) if is_chosen else None)


def _look(backend: KeyringBackend) -> None:
    """Raise CredentialsError instead of letting a dialog come up that nobody may see."""
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415

    if isinstance(backend, Keyring):
        secret_service.refuse_locked()


def probe(backend: KeyringBackend) -> None:
    """Read a secret that does not exist: a backend that answers can be used."""
    read(backend, "nobody/nothing")


def unlock(backend: KeyringBackend, password: Secret) -> None:
    """Unlock it with its password, where that can be done from here."""
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415

    if not isinstance(backend, Keyring):
        raise CredentialsError(f"{kind(backend)} cannot be unlocked from here", hint="unlock it with its own program")
    secret_service.unlock(password)


def read(backend: KeyringBackend, account: str) -> Secret | None:
    """The stored secret; None for none."""
    _look(backend)
    text = backend.get_password(SERVICE, account)
    return Secret(text) if text else None


def write(backend: KeyringBackend, account: str, secret: Secret) -> None:
    """Store a secret."""
    _look(backend)
    backend.set_password(SERVICE, account, secret.reveal())


def erase(backend: KeyringBackend, account: str) -> None:
    """Remove a stored secret."""
    from keyring.errors import PasswordDeleteError  # noqa: PLC0415

    _look(backend)
    try:
        backend.delete_password(SERVICE, account)
    except PasswordDeleteError as error:
        raise CredentialsError(f"the keyring holds no secret for {account}") from error
