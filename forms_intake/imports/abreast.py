"""Chunks of a file abreast, each on a connection of its own: while the database takes in some, the next is on its way.

The file is written as if chunk had followed chunk. Each claims its keys and makes its companies behind the one before
it, so that they wait for each other in one direction only; it commits behind it; and where it speaks of the same
people or companies as one that is under way it waits until that has committed, and sees what that wrote. Whatever goes
wrong with a chunk that runs beside others is tried again once they are over (decision 56).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Set
from contextlib import AbstractContextManager

from django.db import connection

from forms_intake.imports.ahead import Chunk
from forms_intake.imports.copying import execute
from forms_intake.imports.errors import Overtaken
from forms_intake.imports.job import Again
from forms_intake.models import ImportRun, ImportState
from leadcrm.lib.claims import Key

# Nobody is told of a chunk that a crash of the database could still lose: how far the import is goes with it, so it is
# done again. That all is imported is committed with waiting (run.py), and so are then all chunks before.
# The index in which contacts are searched takes in what waits for it in one go rather than in three.
# By the lock the database knows who waits for whom, and ends circles that reach through other writers.
BEGIN = """
SET LOCAL synchronous_commit = 'off'; SET LOCAL leadcrm.bulk = 'on'; SET LOCAL work_mem = '16MB';
SELECT pg_advisory_xact_lock(hashtextextended('leadcrm.import ' || %s, %s))
"""
BEFORE = "SELECT pg_advisory_xact_lock_shared(hashtextextended('leadcrm.import ' || %s, %s))"
ABREAST = 3
"""Chunks at once: while the database takes in two, on as many cores as a small server has, the next is on its way."""
PATIENCE = 5.0
"""Seconds: several times as long as a chunk is at its companies where all is slow."""


class Abandoned(Exception):
    """A chunk before this one could not be written, so this one must not be."""


class Turn:
    """The turn of some records: those from `at` on of the import `run_id`.

    `before` is the turn before it, until that is over; `made`: the domains of the accounts it has made;
    `knew_nobody`: whether all its people were new, as the next one then expects of its own.
    """

    def __init__(self, chunk: Chunk, *, run_id: int, at: int, before: Turn | None = None) -> None:
        self.chunk, self.run_id, self.at, self.before = chunk, run_id, at, before
        self.made: Set[Key] = frozenset()
        self.failed = self.knew_nobody = self.expects_strangers = False
        self.has_claimed, self.has_companies, self._over = threading.Event(), threading.Event(), threading.Event()

    def take(self) -> None:
        """Wait until the one before has claimed its keys, and until it is over if this one speaks of the same people as
        any that is not.
        """
        if self.before is not None:
            self.before.has_claimed.wait()
            self.expects_strangers = self.before.knew_nobody
            others = [turn.chunk.deciding for turn in self.beside()]
            if self.before._over.is_set() or not all(map(self.chunk.deciding.isdisjoint, others)):
                self.alone()

    def beside(self) -> Iterator[Turn]:
        """Those before it that may not be over, the latest first."""
        turn = self.before
        while turn is not None:
            yield turn
            turn = turn.before

    def begin(self) -> None:
        """At the beginning of its transaction."""
        execute(BEGIN, [self.run_id, self.at])
        if self.before is None:
            self.follow()

    def wait_for_companies(self) -> None:
        """Wait until the one before has made its companies, and until it has committed if this one speaks of the same
        as any that has not, or names what one has made.

        Raises Again when that takes long: it may be waiting for somebody who waits for us.
        """
        if self.before is not None:
            if not self.before.has_companies.wait(PATIENCE):
                raise Again
            if any(map(self._meets, self.beside())):
                self.follow()

    def _meets(self, other: Turn) -> bool:
        return self.chunk.shares_companies(other.chunk) or not self.chunk.named.isdisjoint(other.made)

    def follow(self) -> None:
        """Wait until the one before has committed, and hold the import until this one has.

        Raises Again when the one before has to be written once more, and Overtaken when somebody else has dealt with
        these records or the import was stopped.
        """
        first = None
        if self.before is not None:
            first = min(turn.at for turn in self.beside())
            execute(BEFORE, [self.run_id, self.before.at])
        running = ImportRun.objects.filter(pk=self.run_id, state=ImportState.RUNNING).select_for_update(no_key=True)
        at = running.values_list("position", flat=True).first()
        if at == self.at:
            return
        raise Again if first is not None and at is not None and first <= at < self.at else Overtaken

    def alone(self) -> None:
        """Wait until the one before is over. Raises Abandoned when it could not be written."""
        if self.before is not None:
            self.before._over.wait()
            if self.before.failed:
                raise Abandoned
            self.before = None

    def is_over(self, *, failed: bool = False) -> None:
        """Whatever came of it, nobody waits for it any more."""
        self.failed = failed
        self.before, self.made = None, frozenset()
        self.chunk = Chunk()  # its rows are a good part of all that an import holds in memory
        self._over.set()
        self.has_claimed.set()
        self.has_companies.set()


def write_abreast(
    chunks: Iterator[Chunk],
    write: Callable[[Turn], bool],
    *,
    run_id: int,
    at: int,
    beside: Callable[[], AbstractContextManager[None]],
) -> bool:
    """Let `write` write the chunks of an import, the first one from record `at` on, as long as it returns True.

    It is called in several threads, in the others within `beside()`; in a transaction of the caller's, which no other
    connection could see, in this thread alone. Whether all chunks are written. Raises what the first `write` did that
    raised; chunks behind it are given up.
    """
    lanes = _Lanes(chunks, write, run_id, at)
    more = 0 if connection.in_atomic_block else ABREAST - 1
    others = [threading.Thread(target=lanes.work_beside, args=[beside], name="import-writer") for _ in range(more)]
    for other in others:
        other.daemon = True
        other.start()
    try:
        lanes.work()
    finally:
        lanes.stopped = True
        for other in others:
            other.join()
    if lanes.problems:
        raise min(lanes.problems, key=lambda problem: problem[0])[1]
    return lanes.all_written


class _Lanes:
    """What the threads take their turns from."""

    def __init__(self, chunks: Iterator[Chunk], write: Callable[[Turn], bool], run_id: int, at: int) -> None:
        self.chunks, self.write, self.run_id, self.at = chunks, write, run_id, at
        self.stopped = self.all_written = False
        self.problems: list[tuple[int, BaseException]] = []
        self._last: Turn | None = None
        self._one_at_a_time = threading.Lock()

    def _next(self) -> Turn | None:
        with self._one_at_a_time:
            if self.stopped:
                return None
            try:
                chunk = next(self.chunks, None)
            except BaseException as error:
                self.stopped = True
                self.problems.append((self.at, error))
                return None
            if chunk is None:
                self.stopped = self.all_written = True
                return None
            turn = self._last = Turn(chunk, run_id=self.run_id, at=self.at, before=self._last)
            self.at += len(chunk)
            return turn

    def work(self) -> None:
        while (turn := self._next()) is not None:
            failed = True
            try:
                if not self.write(turn):
                    self.stopped = True
                failed = False
            except Abandoned:
                return
            except BaseException as error:
                self.stopped = True
                self.problems.append((turn.at, error))
                return
            finally:
                turn.is_over(failed=failed)

    def work_beside(self, beside: Callable[[], AbstractContextManager[None]]) -> None:
        try:
            with beside():
                self.work()
        finally:
            connection.close()
