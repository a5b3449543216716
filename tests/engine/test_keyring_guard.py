"""The keyring behind its guard: backends by allow-list, a time limit on every call, read back after a write."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from tests.engine.keyrings import BrokenBackend, ForgetfulBackend, HangingBackend, MemoryBackend, of_module, used
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import CredentialsError
from tui.model import Secret

GOOD = "keyring.backends.SecretService"
SECRET = Secret("hunter2-hunter2")


@pytest.fixture
def good() -> Iterator[MemoryBackend]:
    backend = of_module(MemoryBackend, GOOD)
    with used(backend):
        yield backend


async def test_what_is_stored_comes_back_until_it_is_removed(good: MemoryBackend) -> None:
    guard = GuardedKeyring()
    assert await guard.get("plant/password") is None
    await guard.put("plant/password", SECRET)
    assert good.kept == {("jobdeck", "plant/password"): "hunter2-hunter2"}
    assert await guard.get("plant/password") == SECRET
    await guard.remove("plant/password")
    assert await guard.get("plant/password") is None
    assert guard.trouble is None
    with pytest.raises(CredentialsError, match="holds no secret for plant/password"):
        await guard.remove("plant/password")


@pytest.mark.parametrize(
    "module",
    [
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.macOS.api",
        "keyring.backends.Windows",
        "keyring_pass",
    ],
)
async def test_backends_that_keep_secrets_safe_are_used(module: str) -> None:
    with used(of_module(MemoryBackend, module)):
        await GuardedKeyring().put("a/b", SECRET)


@pytest.mark.parametrize(
    "module",
    [
        "keyrings.alt.file",
        "keyrings.cryptfile.cryptfile",
        "keyring.backends.SecretServiceLookalike",
        "keyring_password_in_a_file",
        "keyring.backends.null",
    ],
)
async def test_backends_that_do_not_are_refused(module: str) -> None:
    backend = of_module(MemoryBackend, module)
    backend.kept["jobdeck", "a/b"] = "planted"
    guard = GuardedKeyring()
    with used(backend):
        with pytest.raises(CredentialsError, match="is refused") as caught:
            await guard.put("a/b", SECRET)
        assert await guard.get("a/b") is None
    assert "secret_command" in caught.value.hint
    assert guard.trouble is not None
    assert backend.kept == {("jobdeck", "a/b"): "planted"}


async def test_a_backend_that_the_user_names_is_used_unless_it_is_known_to_be_unsafe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vouched = of_module(MemoryBackend, "bitwarden_keyring")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"bitwarden_keyring.{type(vouched).__qualname__}")
    guard = GuardedKeyring()
    with used(vouched):
        await guard.put("a/b", SECRET)
        assert await guard.get("a/b") == SECRET
    assert "bitwarden_keyring" in guard.source
    for module in ("keyrings.alt.file", "keyrings.cryptfile.cryptfile", "my.plaintext"):
        unsafe = of_module(MemoryBackend, module)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{module}.{type(unsafe).__qualname__}")
        with used(unsafe), pytest.raises(CredentialsError, match="is refused"):
            await GuardedKeyring().put("a/b", SECRET)


async def test_a_host_without_a_keyring_is_told() -> None:
    guard = GuardedKeyring()
    with used(fail.Keyring()):  # type: ignore[no-untyped-call]
        assert await guard.get("a/b") is None
    assert guard.trouble == "there is no keyring on this host"


async def test_the_backend_that_loses_everything_is_refused() -> None:
    nothing = null.Keyring()  # type: ignore[no-untyped-call]
    with used(nothing), pytest.raises(CredentialsError, match="backend null is refused"):
        await GuardedKeyring().put("a/b", SECRET)


class Chain(chainer.ChainerBackend):
    """A chain of our own backends."""

    viable = False
    backends: list[MemoryBackend] = []  # noqa: RUF012  # in keyring a computed property


async def test_of_a_chain_only_the_safe_part_is_used() -> None:
    plain, safe = of_module(MemoryBackend, "keyrings.alt.file"), of_module(MemoryBackend, GOOD)
    chain = Chain()  # type: ignore[no-untyped-call]
    chain.backends = [plain, safe]
    with used(chain):
        await GuardedKeyring().put("a/b", SECRET)
    assert (plain.kept, len(safe.kept)) == ({}, 1)
    chain.backends = [plain]
    with used(chain), pytest.raises(CredentialsError, match="is refused"):
        await GuardedKeyring().put("a/b", SECRET)


async def test_a_keyring_that_keeps_nothing_is_found_out() -> None:
    with used(of_module(ForgetfulBackend, GOOD)), pytest.raises(CredentialsError, match="does not give it back"):
        await GuardedKeyring().put("a/b", SECRET)


@pytest.mark.parametrize(
    ("error", "said"),
    [(OSError, "the keyring failed: OSError"), (KeyringLocked, "locked"), (RuntimeError, "RuntimeError")],
)
async def test_whatever_a_backend_raises_is_told_without_its_text(error: type[Exception], said: str) -> None:
    backend = of_module(BrokenBackend, GOOD)
    backend.error = error
    guard = GuardedKeyring()
    with used(backend):
        with pytest.raises(CredentialsError, match=said) as caught:
            await guard.put("a/b", SECRET)
        assert await guard.get("a/b") is None
    assert SECRET.reveal() not in str(caught.value) + caught.value.hint + str(guard.trouble)
    assert caught.value.__cause__ is None


async def test_a_call_that_hangs_is_given_up_and_not_tried_again() -> None:
    backend = of_module(HangingBackend, GOOD)
    guard = GuardedKeyring(seconds=0.01)
    backend.hold_time()
    with used(backend):
        assert await guard.get("a/b") is None
        assert guard.trouble == "the keyring did not answer"
        assert await guard.get("a/b") is None
        with pytest.raises(CredentialsError, match="did not answer"):
            await guard.put("a/b", SECRET)
        with pytest.raises(CredentialsError, match="did not answer"):
            await guard.remove("a/b")
    assert backend.asked == 1
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "keyring")
    backend.answered.set()


async def test_a_write_that_hangs_is_given_up() -> None:
    backend = of_module(HangingBackend, GOOD)
    with used(backend), pytest.raises(CredentialsError, match="did not answer"):
        await GuardedKeyring(seconds=0.01).put("a/b", SECRET)
    backend.answered.set()


async def test_one_that_was_unlocked_meanwhile_takes_what_is_stored(good: MemoryBackend) -> None:
    class Locked(BrokenBackend):
        error = KeyringLocked

    keyring = GuardedKeyring()
    with used(of_module(Locked, "keyring.backends.SecretService")):
        assert await keyring.get("plant/password") is None
    assert keyring.trouble == "the keyring is locked"
    await keyring.put("plant/password", SECRET)
    assert await keyring.get("plant/password") == SECRET


async def test_a_keyring_that_hung_is_asked_again_on_purpose_only() -> None:
    hanging, answering = of_module(HangingBackend, GOOD), of_module(MemoryBackend, GOOD)
    guard = GuardedKeyring(seconds=0.01)
    with used(hanging):
        assert await guard.get("a/b") is None
        assert await guard.state() == "the keyring did not answer"
    guard = GuardedKeyring(seconds=30)
    with used(hanging):
        guard.trouble = "the keyring did not answer"
        assert await guard.get("a/b") is None
    with used(answering):
        assert await guard.state() is None
        await guard.put("a/b", SECRET)
        assert await guard.get("a/b") == SECRET
        await guard.remove("a/b")
        assert await guard.get("a/b") is None
    hanging.answered.set()


@pytest.mark.parametrize(
    ("module", "source"),
    [(GOOD, "keyring (Secret Service)"), ("keyring.backends.macOS.api", "keyring (macOS Keychain)")],
)
async def test_its_name_for_people_is_that_of_the_backend(module: str, source: str) -> None:
    guard = GuardedKeyring()
    assert guard.source == "keyring"
    with used(of_module(MemoryBackend, module)):
        await guard.get("a/b")
    assert guard.source == source


async def test_another_keyring_is_unlocked_by_its_own_program() -> None:
    guard = GuardedKeyring()
    with used(of_module(MemoryBackend, "keyring.backends.kwallet")):
        with pytest.raises(CredentialsError, match="KWallet cannot be unlocked from here") as caught:
            await guard.unlock(SECRET)
        assert guard.trouble is None  # it is not locked, after all
    assert SECRET.reveal() not in str(caught.value)


async def test_a_keyring_that_is_not_to_be_used_is_not_asked_on_purpose_either() -> None:
    guard = GuardedKeyring(trouble="the demo uses no keyring")
    with used(of_module(MemoryBackend, GOOD)):
        assert await guard.state() == "the demo uses no keyring"
        with pytest.raises(CredentialsError, match="the demo uses no keyring"):
            await guard.unlock(SECRET)
