"""Reading ahead: rows are read and checked in a thread while the database takes in those before them."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Set
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue

from forms_intake.imports.job import Person
from forms_intake.imports.reading import Place
from forms_intake.imports.rejects import Reject
from forms_intake.imports.rows import Row
from leadcrm.lib.claims import Key

CHUNK = 3_500
"""Rows a transaction: as long as others may have to wait for a contact, and what memory holds a few times over."""
FIRST = 1_000
"""Of the first chunk, for which the database has to wait."""
CHUNK_CHARACTERS = 8_000_000
"""Where long cells end a chunk sooner: memory holds a few chunks, however large their rows."""
TURN = 0.0005
"""Seconds until one thread lets the other go on: a tenth of what is usual, because the database waits for both."""
GARBAGE = 1_000_000
"""New objects until some are looked through for circles. The chunks under way have some 200,000, and none in circles;
at 50,000, looking took a tenth of an import's time in Python.
"""


class Chunk(list[Row | Reject]):
    """Some records of a file. `people`: its rows grouped already, to be used once. `place`: where the file goes on.

    `deciding`: all keys that say who its people are; `named`: what identifies its companies; `told`: the same of those
    of which it says more than a domain.
    """

    people: tuple[list[Person], list[tuple[Row, str]]] | None = None
    place: Place | None = None
    deciding: Set[Key] = frozenset()
    named: Set[Key] = frozenset()
    told: Set[Key] = frozenset()

    def shares_companies(self, other: Chunk) -> bool:
        """Whether either says of a company what could matter to the other: a domain is no more than looked up."""
        return not (self.told.isdisjoint(other.named) and other.told.isdisjoint(self.named))


def ahead(
    items: Iterator[Row | Reject],
    *,
    ready: Callable[[Chunk], None] = lambda chunk: None,
    place: Callable[[], Place | None] = lambda: None,
) -> Generator[Chunk, None, None]:
    """Chunks of `items`, the next one made in a thread while the caller waits for the database with this one.

    In that thread `ready` does to each chunk what can be done without the database, and `place` says behind it where
    `items` goes on.
    """
    made: Queue[Chunk | BaseException | None] = Queue(maxsize=1)
    given_up = threading.Event()

    def put(item: Chunk | BaseException | None) -> None:
        while not given_up.is_set():
            try:
                made.put(item, timeout=0.2)
                return
            except Full:
                pass

    def finished(chunk: Chunk) -> None:
        chunk.place = place()
        ready(chunk)
        put(chunk)

    def make() -> None:
        chunk, characters, most = Chunk(), 0, min(FIRST, CHUNK)
        try:
            for item in items:
                if given_up.is_set():
                    return
                chunk.append(item)
                for cell in item.cells:
                    characters += len(cell)
                if len(chunk) == most or characters >= CHUNK_CHARACTERS:
                    finished(chunk)
                    chunk, characters, most = Chunk(), 0, CHUNK
            if chunk:
                finished(chunk)
            put(None)
        except BaseException as error:  # whatever it is, the caller must hear of it
            put(error)

    thread = threading.Thread(target=make, name="import-reader", daemon=True)
    with _two_at_work():
        thread.start()
        try:
            while (chunk := made.get()) is not None:
                if isinstance(chunk, BaseException):
                    raise chunk
                yield chunk
        finally:
            given_up.set()
            with suppress(Empty):
                made.get_nowait()  # where it waits for room
            thread.join()


_usual: list[tuple[float, tuple[int, int, int]]] = []
_at_work = 0
_changing = threading.Lock()


@contextmanager
def _two_at_work() -> Iterator[None]:
    """The interpreter as two threads with many small objects need it; as it was once nobody is at it any more."""
    global _at_work
    with _changing:
        _at_work += 1
        if _at_work == 1:
            _usual.append((sys.getswitchinterval(), gc.get_threshold()))
            sys.setswitchinterval(TURN)
            gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
    try:
        yield
    finally:
        with _changing:
            _at_work -= 1
            if not _at_work:
                turn, garbage = _usual.pop()
                sys.setswitchinterval(turn)
                gc.set_threshold(*garbage)
