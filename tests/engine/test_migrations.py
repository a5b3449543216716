"""A file of every schema there ever was becomes one of today's, with a copy beside it; a newer one is left alone."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.migrations import VERSION
from tui.errors import StateError
from tui.model import Download, DownloadState, Event, Job, JobKey, Reference, Safe

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
KEY = JobKey("plant:A")

# As the versions were, word for word: these texts never change.
VERSION_1 = """
    CREATE TABLE revision (current INTEGER NOT NULL);
    INSERT INTO revision VALUES (0);
    CREATE TABLE jobs (key TEXT PRIMARY KEY, body BLOB NOT NULL, revision INTEGER NOT NULL, removed INTEGER NOT NULL);
    CREATE INDEX jobs_by_revision ON jobs (revision);
    CREATE TABLE downloads (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL, body BLOB NOT NULL, revision INTEGER NOT NULL
    );
    CREATE INDEX downloads_by_revision ON downloads (revision);
    CREATE INDEX downloads_by_job ON downloads (job);
    CREATE TABLE reports (job TEXT PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, job TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX events_by_job ON events (job);
"""
VERSION_2 = VERSION_1 + "CREATE TABLE marks (name TEXT PRIMARY KEY, at TEXT NOT NULL);"
VERSION_3 = (
    VERSION_2
    + """
    CREATE TABLE archive (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at TEXT NOT NULL, body BLOB NOT NULL,
        history BLOB NOT NULL, report BLOB
    );
    CREATE INDEX archive_by_time ON archive (at);
    CREATE INDEX jobs_taken_off ON jobs (removed) WHERE removed;
    ALTER TABLE revision ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
"""
)
VERSION_4 = (
    VERSION_3
    + """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL UNIQUE, connection TEXT NOT NULL, kind TEXT NOT NULL,
        seconds REAL NOT NULL, stages BLOB NOT NULL
    );
    CREATE INDEX runs_by_kind ON runs (connection, kind);
"""
)
VERSION_5 = VERSION_4  # only what stands in the rows had changed
OLD = {1: VERSION_1, 2: VERSION_2, 3: VERSION_3, 4: VERSION_4, 5: VERSION_5}

JOB = b"""{"connection":"plant","vendor":"octoplant","ref":{"id":"A","url":null,"outputs":[],"expires_at":null},
"tracked_at":"2026-03-02T08:15:00Z","given_title":null,"snapshot":{"state":"succeeded","vendor_status":"done","raw":"\\"watched\\":true"},"watched":true}"""
JOB_5 = JOB.replace(b'"watched":true}', b'"alert":true}')
FILE = b'{"id":7,"job":"plant:A","output":"a.zip","folder":"/x","state":"done","bytes":5}'


def body_of(version: int) -> bytes:
    return JOB if version < 5 else JOB_5


def old_file(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as sql:
        sql.execute("PRAGMA journal_mode = WAL")
        sql.executescript(OLD[version])
        sql.execute("UPDATE revision SET current = 4")
        sql.execute("INSERT INTO jobs VALUES ('plant:A', ?, 3, 0), ('plant:gone', x'', 4, 1)", (body_of(version),))
        sql.execute("INSERT INTO downloads VALUES (7, 'plant:A', ?, 3)", (FILE,))
        sql.execute(
            "INSERT INTO events (at, job, kind, text) VALUES ('2026-03-02T08:15:00+00:00', ?, 'k', 't')", (KEY,)
        )
        sql.execute("INSERT INTO reports VALUES ('plant:A', 'log')")
        sql.execute(f"PRAGMA user_version = {version}")
        sql.commit()


def schema(path: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as sql:
        columns = set(sql.execute("SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c"))
        return columns | set(sql.execute("SELECT name, type FROM sqlite_master"))


def test_there_is_a_test_for_every_older_version() -> None:
    assert set(OLD) == set(range(1, VERSION))


@pytest.mark.parametrize("version", OLD)
def test_an_older_file_keeps_everything_and_gets_todays_schema(tmp_path: Path, version: int) -> None:
    path, new = tmp_path / "board.sqlite", tmp_path / "new.sqlite"
    old_file(path, version)
    Database(new).close()
    database = Database(path)
    news = database.load()
    assert [(job.key, job.alert, job.snapshot.raw) for job in news.jobs] == [(KEY, True, '"watched":true')]
    assert news.downloads == (Download(7, KEY, Safe("a.zip"), Path("/x"), DownloadState.DONE, bytes=5),)
    assert database.events(KEY) == (Event(NOW, KEY, "k", Safe("t")),)
    assert database.report(KEY) == "log"
    assert database.archive([KEY], NOW) == (KEY,)
    database.close()
    assert schema(path) == schema(new)


@pytest.mark.parametrize("version", OLD)
def test_a_private_copy_of_an_older_file_is_kept_once(tmp_path: Path, version: int) -> None:
    path, copy = tmp_path / "board.sqlite", tmp_path / f"board.sqlite.v{version}.bak"
    old_file(path, version)
    Database(path).close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (version,)
        assert sql.execute("SELECT key, body FROM jobs WHERE NOT removed").fetchall() == [(KEY, body_of(version))]
    before = copy.read_bytes()
    database = Database(path)
    database.write([Batch(removed=(KEY,))])
    database.close()
    assert copy.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {path.name, copy.name}


def test_a_new_file_has_no_copy(tmp_path: Path) -> None:
    Database(tmp_path / "board.sqlite").close()
    assert [file.name for file in tmp_path.iterdir()] == ["board.sqlite"]


def test_a_migrated_file_can_shrink_as_a_new_one_can(tmp_path: Path) -> None:
    old_file(tmp_path / "board.sqlite", 2)
    for name in ("board.sqlite", "new.sqlite"):
        Database(tmp_path / name).close()
        with closing(sqlite3.connect(tmp_path / name)) as sql:
            assert sql.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_where_the_copy_has_no_room_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "board.sqlite"
    old_file(path, 2)
    (tmp_path / "board.sqlite.v2.bak.new").mkdir()  # nothing can be written there
    with pytest.raises(StateError) as caught:
        Database(path)
    assert caught.value.hint
    with closing(sqlite3.connect(path)) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (2,)
        assert sql.execute("SELECT body FROM jobs WHERE key = ?", (KEY,)).fetchone() == (JOB,)


def test_a_program_that_has_it_open_while_a_newer_one_migrates_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "board.sqlite"
    older = Database(path)
    job = Job("plant", "octoplant", Reference("A"), NOW)
    older.write([Batch(added=(job,))])
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("ALTER TABLE jobs ADD COLUMN wonder TEXT")
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        newer.commit()
    changed = replace(job, given_title=Safe("lost?"))
    for change in (
        lambda: older.write([Batch(updated=(changed,))]),
        lambda: older.archive([KEY], NOW),
        lambda: older.rename("plant", "plant2"),
        lambda: older.tidy(NOW, None),
        lambda: older.marks(frozenset({"x"}), NOW),
        older.news,
    ):
        with pytest.raises(StateError, match="newer jobdeck"):
            change()
    older.close()
    with closing(sqlite3.connect(path)) as newer:
        ((body,),) = newer.execute("SELECT body FROM jobs").fetchall()
        assert msgspec.json.decode(body)["given_title"] is None
    with pytest.raises(StateError, match="newer jobdeck"):
        Database(path)
