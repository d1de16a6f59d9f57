"""No part of a cell is a formula, whatever separator our files are read with; the guard comes off exactly."""

from __future__ import annotations

import csv
import io
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadcrm.lib.cells import guarded, unguarded
from leadcrm.lib.spreadsheets import csv_response

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
NASTY = st.text(
    alphabet=st.sampled_from([*"=+-@',;\t\r\n \"|aZ9.(", "\u00a0", "\uff1d", "\x0b", "\u2028"]), max_size=30
)
CELLS = st.one_of(NASTY, st.text(max_size=20))
BULLET = re.compile(r"-\s[\w .:?,/\-]*[\w.?]")


def read_with(separator: str, text: str) -> list[str]:
    """The cells a spreadsheet sees that splits at `separator`: a quotation mark that begins a cell is its own, others
    are letters.
    """
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


def is_formula(cell: str) -> bool:
    words = cell.strip()
    return words[:1] in SIGNS and words != "" and not BULLET.fullmatch(words.split("\n")[0].split("\r")[0])


@given(CELLS)
@example("'- milk, -eggs")
@example("\n'- milk,=eggs")
def test_what_is_guarded_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert unguarded(unguarded(guarded(guarded(cell)))) == cell


@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(",;\t"), st.sampled_from(",;\t"))
@example(["x", "a;=1+1"], ",", ";")
@example(["x", "a\t@x"], ",", "\t")
@example(["x", 'a;"=1+1;b'], ",", ";")
@example(["x", "a\n=1+1"], ",", ";")
@example(["x", "a,=1"], ";", ",")
@example(["\t=1"], ",", "\t")
@example(["Nina;+49", "5*A1"], ",", ";")  # is +49,5*A1 there: no number but a formula, where a comma begins decimals
def test_no_part_of_a_cell_is_a_formula_with_whatever_separator_it_is_read(
    cells: list[str], written: str, read: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=written).writerow(map(guarded, cells))

    assert not [cell for cell in read_with(read, out.getvalue()) if is_formula(cell)]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t-1", "a\t'-1"),
        ("Nina;+49 30 1234", "Nina;'+49 30 1234"),
        ("\t=1", "'\t'=1"),
        ("call\n=HYPERLINK(1)", "call\n'=HYPERLINK(1)"),
        ("list:\n- cmd|' /C calc'!A0", "list:\n'- cmd|' /C calc'!A0"),
    ],
)
def test_an_apostrophe_stands_in_front_of_the_piece(cell: str, kept: str) -> None:
    assert guarded(cell) == kept
    assert unguarded(kept) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "Müller; Söhne, Berlin",
        "a@b.example; c@d.example",
        "Wants:\n- a quote for 3 trucks, soon\r\n- a call at 10:30?\n- e-mail",
        "3 - 4; 5=5; C# + C++",
        "O'Neill, it's 'fine'",
        "'quoted'; 'again'",
    ],
)
def test_ordinary_words_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell
    assert unguarded(cell) == cell


def test_a_file_read_with_another_separator_holds_no_formula() -> None:
    sent = b"".join(csv_response("leads", ["name", "x;=1"], [["Nina", "a;=1+1"], ["Otto", "a\t=1+1"]])).decode()

    assert not [cell for separator in ";\t" for cell in read_with(separator, sent) if cell.startswith("=")]


def test_long_cells_of_separators_and_blanks_take_no_time() -> None:
    before = time.process_time()

    for cell in ("; " * 100_000, ";" + " " * 200_000, '\n"' * 100_000, "'" * 200_000, "\n- " + "a " * 100_000 + "("):
        assert unguarded(guarded(cell)) == cell

    assert time.process_time() - before < 2
