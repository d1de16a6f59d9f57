"""Reading ahead in a thread, and going on in the middle of a file."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forms_intake.imports import ahead
from forms_intake.imports.reading import Reader
from forms_intake.imports.rejects import Reject

PIECES = st.sampled_from(
    ["a,b", "ä,ö", '"x\ny",z', '"never closed,', "only one", "\n", "\r\n", "\r", "é\0,b", "\udc80,b"]
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=12), st.sampled_from(["utf-8", "latin-1", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
@example(["a,b", '"never closed,', "a,b", "a,b"], "utf-8", "\n")
def test_going_on_anywhere_reads_what_is_left(pieces: list[str], encoding: str, end: str) -> None:
    errors = "surrogateescape" if encoding == "utf-8" else "ignore"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(end.join(["one,two", *pieces]).encode(encoding, errors))
        reader = Reader(path, encoding=encoding, delimiter=",")
        whole, places = [], []
        for record in reader:
            whole.append(record)
            places.append(reader.place())
        reader.close()
        for place in [None, *places]:
            for done in {place.records if place else 0, len(whole)}:
                again = Reader(path, encoding=encoding, delimiter=",")
                assert list(again.behind(done, place)) == whole[done:]
                again.close()


def test_a_place_too_far_is_not_gone_to(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("one\na\nb\nc\n")
    reader = Reader(path, encoding="utf-8", delimiter=",")
    list(reader)
    end = reader.place()
    again = Reader(path, encoding="utf-8", delimiter=",")
    assert [record.cells for record in again.behind(1, end)] == [["b"], ["c"]]
    reader.close()
    again.close()


def test_the_interpreter_is_as_it_was_when_nobody_reads_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "CHUNK", 2)
    before = sys.getswitchinterval(), gc.get_threshold()
    rows = [Reject(line, "", "", []) for line in range(5)]
    first, second = ahead.ahead(iter(rows)), ahead.ahead(iter(rows))
    next(first)
    next(second)
    assert sys.getswitchinterval() == pytest.approx(ahead.TURN)
    assert isinstance(first, Generator)
    first.close()
    assert sys.getswitchinterval() == pytest.approx(ahead.TURN), "the other one still reads"
    assert [len(chunk) for chunk in second] == [2, 1]
    assert (sys.getswitchinterval(), gc.get_threshold()) == before
