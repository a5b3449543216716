"""The Secret Service asked without its dialogs: is it locked, and unlocked by its password (facts: secrets, 1.2).

A dialog over SSH is seen by nobody. gnome-keyring has a call that takes the password itself; others have none.
Everything here blocks, may hang, and raises CredentialsError or whatever the D-Bus library raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from tui.errors import CredentialsError
from tui.model import Secret

if TYPE_CHECKING:
    from secretstorage import Collection

LOCKED = "the keyring is locked"
LOCKED_HINT = "unlock it with its password, on the board or with jobdeck secret unlock"
_PATH = "/org/freedesktop/secrets"
_BUS_NAME = "org.freedesktop.secrets"
_BY_PASSWORD = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"  # noqa: S105  # a D-Bus name
_DENIED = "org.gnome.keyring.Error.Denied"


def refuse_locked() -> None:
    """Raise CredentialsError when the user's collection is locked, or when there is none yet."""
    with _collection() as collection:
        if collection.is_locked():
            raise CredentialsError(LOCKED, hint=LOCKED_HINT)


def unlock(password: Secret) -> None:
    """Unlock the user's collection. Raises CredentialsError for a wrong password, or where this is not known."""
    from jeepney import DBusAddress, MessageType, new_method_call  # noqa: PLC0415  # Linux only
    from jeepney.low_level import HeaderFields  # noqa: PLC0415
    from secretstorage.util import format_secret, open_session  # noqa: PLC0415

    with _collection() as collection:
        if not collection.is_locked():
            return
        connection = collection.connection
        sent = format_secret(open_session(connection), password.reveal().encode(), "text/plain")
        where = DBusAddress(_PATH, _BUS_NAME, _BY_PASSWORD)
        call = new_method_call(where, "UnlockWithMasterPassword", "o(oayays)", (collection.collection_path, sent))
        answer = connection.send_and_get_reply(call).header
        if answer.message_type is MessageType.error:
            if answer.fields.get(HeaderFields.error_name) == _DENIED:
                raise CredentialsError("the keyring refuses this password", hint="it is often the login's password")
            raise CredentialsError(
                "this keyring takes no password from another program", hint="unlock it with its own program"
            )
        if collection.is_locked():
            raise CredentialsError("the keyring stays locked", hint="unlock it with its own program")


@contextmanager
def _collection() -> Iterator[Collection]:
    """The collection that secrets are stored in by default. Never asks for one to be made: that is a dialog."""
    import secretstorage  # noqa: PLC0415  # Linux only
    from secretstorage.collection import get_collection_by_alias  # noqa: PLC0415

    with closing(secretstorage.dbus_init()) as connection:
        try:
            collection = get_collection_by_alias(connection, "default")
        except secretstorage.exceptions.ItemNotFoundException:
            raise CredentialsError(
                "the keyring was never set up: it has no collection", hint="log in on the desktop once, or see README"
            ) from None
        yield collection
