"""The tables of words.db, and the moments kept in it. A file of another layout is dropped: it is a cache."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

LAYOUT = 1

FOR_EVER = 2**62

SCHEMA = """
-- How far the archive was read, which vectors are in use, and the like.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- One row a version of an item. `begins` and `ends` are microseconds since 1970 UTC.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY, item INTEGER NOT NULL, ordinal INTEGER NOT NULL, current INTEGER NOT NULL,
    fingerprint BLOB NOT NULL, ref TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
    title TEXT NOT NULL, version TEXT NOT NULL, thread TEXT NOT NULL, folder TEXT NOT NULL,
    begins INTEGER NOT NULL, ends INTEGER NOT NULL, header TEXT NOT NULL, people TEXT NOT NULL,
    cut INTEGER NOT NULL
);
CREATE INDEX versions_item ON versions (item);
CREATE INDEX versions_newest ON versions (current, begins);
-- Both hold every column that is filtered by, so that no filter reads the rows themselves.
CREATE INDEX versions_filter ON versions (current, source, kind, begins, ends, folder, thread, version);
CREATE INDEX versions_latest ON versions (current, ends, begins, source, kind, folder, thread, version);
CREATE INDEX versions_thread ON versions (thread) WHERE thread != '';
CREATE INDEX versions_version ON versions (version);

CREATE TABLE persons (
    id INTEGER PRIMARY KEY, address TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (address, name)
);
CREATE TABLE parts (
    person INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (person, version)
) WITHOUT ROWID;
CREATE INDEX parts_version ON parts (version);

-- One row a distinct passage of an item; versions share those they have in common.
-- `header` is that of the newest version holding it. Its id is its row in the files of vectors.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, item INTEGER NOT NULL, digest BLOB NOT NULL, header TEXT NOT NULL,
    text TEXT NOT NULL, current INTEGER NOT NULL, begins INTEGER NOT NULL, UNIQUE (item, digest)
);
CREATE TABLE uses (
    version INTEGER NOT NULL, chunk INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (version, chunk)
) WITHOUT ROWID;
CREATE INDEX uses_chunk ON uses (chunk, version, position);

-- Passages of current versions, and those that only older versions hold.
CREATE VIRTUAL TABLE words USING fts5 (
    header, text, content='', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE older_words USING fts5 (
    header, text, content='', tokenize='porter unicode61 remove_diacritics 2'
);

-- Passages without a vector in the collection that is being filled.
CREATE TABLE waiting (chunk INTEGER PRIMARY KEY);
-- Passages on which the store of vectors may disagree with us: written with the change, deleted after the
-- store has followed.
CREATE TABLE todo (n INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL);
-- Numbers of passages that are gone everywhere, to be given out again.
CREATE TABLE free (chunk INTEGER PRIMARY KEY);
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(instant: int) -> datetime:
    """The datetime in UTC; what does not fit into its years is cut to the nearest that does."""
    try:
        return _EPOCH + instant * _MICROSECOND
    except OverflowError:
        last = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        return last if instant > 0 else datetime(1, 1, 1, tzinfo=UTC)
