"""The spool: durable before the answer, whole lines only, and the dead do not keep their segments."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from data.settings import settings
from data.store import spool
from data.store.spool import Spool, SpoolFullError


def put(writer: Spool, n: int, kind: spool.SpoolKind = "dlr") -> None:
    """Append n records and wait until all are on disk."""
    futures: list[Future[None]] = [
        writer.append("gw", kind, "application/json", b'{"n":%d}' % i) for i in range(n)
    ]
    for done in futures:
        done.result(10)


def bodies(where: Path, kind: spool.SpoolKind = "dlr") -> list[str]:
    return [body for segment in spool.sealed(kind, where) for body in spool.read(segment).get_column("body")]


def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    put(writer, 500)
    put(writer, 3, "mo")
    writer.close()
    assert bodies(tmp_path) == [f'{{"n":{i}}}' for i in range(500)]
    assert len(bodies(tmp_path, "mo")) == 3
    frame = spool.read(spool.sealed("mo", tmp_path)[0])
    assert frame.schema == spool.RECORD
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
    frame = spool.read(segment)
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
