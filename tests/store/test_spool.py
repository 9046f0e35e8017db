"""The spool: durable before the answer, whole lines only, and the dead do not keep their segments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from data.settings import settings
from data.store import engine, spool, spool_reader
from data.store.spool import Spool, SpoolFullError


def put(writer: Spool, n: int, kind: spool.SpoolKind = "dlr") -> None:
    """Append n records and wait until all are on disk."""
    futures: list[Future[None]] = [
        writer.append("gw", kind, "application/json", b'{"n":%d}' % i) for i in range(n)
    ]
    for done in futures:
        done.result(10)


def bodies(where: Path, kind: spool.SpoolKind = "dlr") -> list[str]:
    return spool.read(spool.sealed(kind, where)).get_column("body").to_list()


def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    put(writer, 500)
    put(writer, 3, "mo")
    writer.close()
    assert bodies(tmp_path) == [f'{{"n":{i}}}' for i in range(500)]
    assert len(bodies(tmp_path, "mo")) == 3
    frame = spool.read(spool.sealed("mo", tmp_path))
    assert frame.drop("at", "file").schema == {name: spool.RECORD[name] for name in frame.columns[1:5]}
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert frame.get_column("at").null_count() == 0
    assert frame.get_column("file").to_list() == [0, 0, 0]
    assert frame.select("gateway", "kind", "type").row(0) == ("gw", "mo", "application/json")


def test_a_record_is_synced_before_its_future_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(
        "data.store.spool_writer.os.fdatasync", lambda file: (synced.append(file), real(file))[1]
    )
    writer = Spool(tmp_path)
    put(writer, 1)
    assert len(synced) == 1
    put(writer, 200)
    assert len(synced) < 100  # many appends share one sync
    writer.close()


def test_an_open_segment_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    put(writer, 1)
    assert bodies(tmp_path) in ([], ['{"n":0}'])  # sealed only once it is old enough
    writer.close()
    assert bodies(tmp_path) == ['{"n":0}']


def test_the_segment_of_a_killed_writer_is_sealed_without_its_torn_line(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from data.store.spool import Spool\n"
        "writer = Spool(Path(sys.argv[1]))\n"
        "for _ in range(5): writer.append('gw', 'dlr', '', b'{}').result(10)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "CHAPAR_RECEIPTS__SEGMENT_MAX_SECONDS": "1000"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, env=environment, timeout=60)
    (orphan,) = tmp_path.glob("*.open")
    with orphan.open("ab") as file:
        file.write(b'{"at":"2026","gate')
    assert bodies(tmp_path) == ["{}"] * 5
    assert list(tmp_path.glob("*.open")) == []


def test_an_orphan_without_a_whole_line_just_goes(tmp_path: Path) -> None:
    (tmp_path / "dlr-1.open").write_bytes(b'{"torn')
    assert spool.sealed("dlr", tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_poisoned_line_stands_alone(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    put(writer, 2)
    writer.close()
    (segment,) = spool.sealed("dlr", tmp_path)
    first, second, _ = segment.path.read_bytes().split(b"\n")
    segment.path.write_bytes(b"\n".join([first, b'{"at": 5', b"\xff\x00", b'{"at":"x"}', second, b""]))
    frame = spool.read([segment])
    assert frame.get_column("body").to_list()[0] == '{"n":0}'
    assert frame.get_column("body").to_list()[-1] == '{"n":1}'
    assert frame.get_column("type").to_list()[1:4] == [spool.POISONED] * 3


def test_bytes_that_are_not_text_are_kept_readable(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    writer.append("gw", "mo", "text/plain", b'\xff\x00\n"\\ \xd8\xb3').result(10)
    writer.close()
    assert bodies(tmp_path, "mo") == ['\\xff\x00\n"\\ س']


def test_a_segment_is_sealed_at_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPAR_RECEIPTS__SEGMENT_MAX_BYTES", "1024")
    settings.cache_clear()
    writer = Spool(tmp_path)
    for _ in range(40):
        put(writer, 1)
    writer.close()
    assert len(spool.sealed("dlr", tmp_path)) > 2
    assert len(bodies(tmp_path)) == 40


def test_a_failed_write_leaves_nothing_and_the_next_may_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Spool(tmp_path)
    put(writer, 1)
    with monkeypatch.context() as broken:
        broken.setattr("data.store.spool_writer.os.fdatasync", _no_space)
        with pytest.raises(SpoolFullError):
            put(writer, 1)
    put(writer, 1)
    writer.close()
    assert bodies(tmp_path) == ['{"n":0}', '{"n":0}']


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_closed_spool_and_too_many_waiting_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Spool(tmp_path)
    writer.close()
    with pytest.raises(SpoolFullError):
        writer.append("gw", "dlr", "", b"").result(10)
    monkeypatch.setattr("data.store.spool_writer.WAITING_MAX", 0)
    with pytest.raises(SpoolFullError):
        Spool(tmp_path).append("gw", "dlr", "", b"").result(10)


def test_a_dropped_segment_is_gone_and_dropping_it_again_is_no_error(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    put(writer, 1)
    writer.close()
    (segment,) = spool.sealed("dlr", tmp_path)
    spool.drop(segment)
    spool.drop(segment)
    assert spool.sealed("dlr", tmp_path) == []


FIELDS = {"gw": ("id", "status"), "other": ("messageid",)}


def written(where: Path, *records: tuple[str, str]) -> list[Path]:
    """Seal a segment of records (gateway, body), as a receiver would."""
    writer = Spool(where)
    for gateway, body in records:
        writer.append(gateway, "dlr", "application/json", body.encode()).result(10)
    writer.close()
    return [segment.path for segment in spool.sealed("dlr", where)]


def test_bodies_are_opened_while_the_lines_are_read(tmp_path: Path) -> None:
    records = [
        ("gw", '{"id": "1", "status": "DELIVERED"}'), ("other", '{"messageid": 7, "more": [1, {"id": 2}]}'),
        ("gw", '[{"id": "2"}]'), ("gw", "id=3&status=10"), ("stranger", '{"id": "4"}'), ("gw", "{}"),
    ]  # fmt: skip
    paths = written(tmp_path, *records)
    found = spool_reader.read_opened(paths, FIELDS)
    assert found is not None
    assert found.get_column("opened").to_list() == [
        {"id": "1", "messageid": None, "status": "DELIVERED"},
        {"id": None, "messageid": "7", "status": None},
        None, None, None,
        {"id": None, "messageid": None, "status": None},
    ]  # fmt: skip
    assert found.get_column("body").to_list() == [None, None, *(body for _, body in records[2:5]), None]
    plain = spool_reader.read(paths, "dlr")
    assert found.select("at", "gateway", "file").equals(plain.select("at", "gateway", "file"))


@pytest.mark.parametrize(
    "damage",
    [
        b'{"at": 5',
        b"\xff\x00",
        b'{"at":"x"}',
        b'{"at":"x","gateway":null,"body":"{}"}',
        b'{"gateway":"gw"}',
        b"[]",
    ],
)
def test_a_damaged_line_is_not_read_quickly(damage: bytes, tmp_path: Path) -> None:
    (path,) = written(tmp_path, ("gw", '{"id": "1"}'))
    path.write_bytes(path.read_bytes() + damage + b"\n")
    assert spool_reader.read_opened([path], FIELDS) is None
    assert spool_reader.read([path], "dlr").get_column("type").to_list()[1:] == [spool.POISONED]


@pytest.mark.parametrize(
    "body", ["{", '{"id": "1"', '{"id": "1"} {}', '{"id": "1"},{"id": "2"}', "{'id': 1}"]
)
def test_a_body_that_only_begins_as_an_object_is_not_read_quickly(body: str, tmp_path: Path) -> None:
    assert spool_reader.read_opened(written(tmp_path, ("gw", '{"id": "1"}'), ("gw", body)), FIELDS) is None


def test_a_line_longer_than_any_is_read_with_patience(tmp_path: Path) -> None:
    body = '{"id": "' + "1" * 40 * 2**20 + '"}'
    paths = written(tmp_path, ("gw", body))
    assert spool_reader.read_opened(paths, FIELDS) is None
    assert spool_reader.read(paths, "dlr").get_column("body").to_list() == [body]


def test_each_segment_has_its_place_and_an_empty_one_has_no_rows(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
    paths = [written(tmp_path / name, ("gw", f'{{"id": "{name}"}}'))[0] for name in ("b", "a")]
    (empty := tmp_path / "dlr-0.seg").touch()
    for found in (
        spool_reader.read_opened([paths[0], empty, paths[1]], FIELDS),
        spool_reader.read([paths[0], empty, paths[1]], "dlr"),
    ):
        assert found is not None
        assert found.get_column("file").to_list() == [0, 2]


@limits(deadline=None, max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "status", "x"]), st.text() | st.none()), min_size=1, max_size=9
    )
)
def test_what_is_opened_is_what_was_sent(
    tmp_path_factory: pytest.TempPathFactory, sent: list[dict[str, str]]
) -> None:
    bodies = [json.dumps(one, ensure_ascii=bool(i % 2)) for i, one in enumerate(sent)]
    found = spool_reader.read_opened(
        written(tmp_path_factory.mktemp("spool"), *(("gw", body) for body in bodies)), FIELDS
    )
    assert found is not None
    told = found.get_column("opened").struct.unnest().select("id", "status").to_dicts()
    assert told == [{"id": one.get("id"), "status": one.get("status")} for one in sent]


def test_an_engine_reads_its_folders_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for place in ("mine/a.csv", "b.csv"):
        (tmp_path / place).write_text("n\n1\n")
    con = engine.connect(tmp_path / "mine")
    assert con.sql(f"SELECT n FROM read_csv('{tmp_path}/mine/a.csv')").fetchall() == [(1,)]
    for outside in (f"{tmp_path}/b.csv", f"{tmp_path}/mine/../b.csv", "/etc/passwd"):
        with pytest.raises(duckdb.Error):
            con.sql(f"SELECT * FROM read_csv('{outside}')").fetchall()
    with pytest.raises(duckdb.Error):
        con.execute("SET enable_external_access = true")


def test_what_a_question_makes_only_it_can_see(tmp_path: Path) -> None:
    mine, other = engine.connect(tmp_path), engine.connect(tmp_path)
    mine.execute("CREATE TEMP VIEW told AS SELECT 1 AS n")
    with pytest.raises(duckdb.Error):
        other.execute("SELECT * FROM told")
    mine.close()
    assert other.execute("SELECT 1").fetchall() == [(1,)]
