"""A library at hand: opened for one question, or held open for many."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

from segue.catalogue import Catalogue, open_catalogue, revision
from segue.errors import SegueError
from segue.genres import GenreModel
from segue.operations.genre_model import the_genre_model
from segue.operations.opening import answering_encoder
from segue.operations.space import Core, explained, prints_of, space_core, speech_of
from segue.operations.told_genres import ToldGenres, bound_genres, telling_model
from segue.ranking import Space
from segue.settings import DataFolder
from segue.types import EncoderId

_LOG = logging.getLogger(__name__)
_Made = TypeVar("_Made")

# What was made anew may wait this many times as long as the making took, and at least so many seconds: a
# scan changes the library with every file, and questions must not pay for each change.
_PATIENCE = 20.0
_LEAST_PATIENCE_S = 2.0


@dataclass(slots=True)
class _Kept:
    """Something made of the library, with the library's revision it was made at."""

    value: object
    revision: int
    made_at: float
    took_s: float
    renewing: bool = False


@dataclass(slots=True)
class _Shelf:
    """What a resident library keeps, by name; a value that is out of date is served while it is renewed."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    making: dict[str, threading.Lock] = field(default_factory=dict)
    kept: dict[str, _Kept] = field(default_factory=dict)


class Resident:
    """A library that stays open: each thread has its own catalogue, all share what was made of it.

    Answers may be some seconds behind a scan that is at work; a track that is gone is never in one.

    Parameters
    ----------
    data
        The library; it need not hold anything yet.

    Attributes
    ----------
    turn
        Held while a short question is answered: many at once share one interpreter, and all would be late.
    """

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.turn = threading.Lock()
        self._shelf = _Shelf()
        self._own = threading.local()

    def catalogue(self) -> Catalogue:
        """This thread's catalogue, for reading.

        Raises
        ------
        NothingFound, CatalogueError
            As `segue.catalogue.open_catalogue`.
        """
        known: Catalogue | None = getattr(self._own, "catalogue", None)
        if known is None:
            known = self._own.catalogue = open_catalogue(self.data)
        return known

    def keep(self, name: str, make: Callable[[Catalogue], _Made]) -> _Made:
        """What `make` makes of the library, made again when the library has changed and some time has passed.

        The first caller waits; later ones get the old value while another thread makes the new one.
        """
        catalogue = self.catalogue()
        now = revision(catalogue)
        with self._shelf.lock:
            making = self._shelf.making.setdefault(name, threading.Lock())
        kept = self._shelf.kept.get(name)
        if kept is None:
            with making:
                kept = self._shelf.kept.get(name)
                if kept is None:
                    kept = self._made(name, make, catalogue)
        elif kept.revision != now and self._may_renew(kept):
            threading.Thread(target=self._renew, args=(name, make, making, kept), daemon=True).start()
        return kept.value  # type: ignore[return-value]  # a name always has one maker

    def _may_renew(self, kept: _Kept) -> bool:
        waited = time.monotonic() - kept.made_at
        with self._shelf.lock:
            due = not kept.renewing and waited >= max(_LEAST_PATIENCE_S, _PATIENCE * kept.took_s)
            kept.renewing = kept.renewing or due
        return due

    def _renew(
        self, name: str, make: Callable[[Catalogue], object], making: threading.Lock, old: _Kept
    ) -> None:
        try:
            with making, open_catalogue(self.data) as catalogue:
                self._made(name, make, catalogue)
        except Exception as error:
            # Served as it was; tried again when as much time has passed as before.
            old.made_at, old.renewing = time.monotonic(), False
            if isinstance(error, SegueError):
                _LOG.warning("%s stays as it was: %s", name, type(error).__name__)
            else:
                _LOG.exception("a defect while %s was made again", name)

    def _made(self, name: str, make: Callable[[Catalogue], object], catalogue: Catalogue) -> _Kept:
        began = time.monotonic()
        at = revision(catalogue)  # before: what changes meanwhile is seen the next time
        value = make(catalogue)
        ended = time.monotonic()
        kept = self._shelf.kept[name] = _Kept(value, at, ended, ended - began)
        return kept


Library: TypeAlias = DataFolder | Resident
"""What operations are asked of."""


@dataclass(frozen=True)
class AtHand:
    """A library while one question is answered. Made by `opened`.

    Attributes
    ----------
    data
        Its folder.
    catalogue
        Open for reading.
    resident
        What keeps things between questions, or None.
    """

    data: DataFolder
    catalogue: Catalogue
    resident: Resident | None = None

    @property
    def turn(self) -> AbstractContextManager[object]:
        """Wait for one's turn among short questions, see `Resident`."""
        return nullcontext() if self.resident is None else self.resident.turn

    def encoder(self, asked: str | None = None) -> EncoderId:
        """Whose vectors answer, see `answering_encoder`."""
        return self.keep(f"encoder {asked}", lambda cat: answering_encoder(cat, self.data, asked))

    def space(self, encoder: EncoderId, *, speech: bool = False, told: bool = True) -> Space:
        """The library as one encoder hears it.

        Parameters
        ----------
        speech
            Whether it shall be known which tracks are speech; memory grows with the library then.
        told
            Whether genres told by ear explain answers.

        Raises
        ------
        NothingFound
            If no track has a vector of this encoder.
        """
        core: Core = self.keep(f"space {encoder}", lambda cat: space_core(cat, self.data, encoder))
        return explained(
            core,
            self.catalogue,
            speech=self.keep("speech", speech_of) if speech else None,
            told=self.told if told else None,
            prints=self.keep("prints", prints_of) if self.resident else None,
        )

    @cached_property
    def told(self) -> ToldGenres | None:
        """What genres are told by, see `told_genres`."""
        model = self.keep("genres", lambda cat: telling_model(cat, self.data))
        return None if model is None else bound_genres(model, self.catalogue)

    @property
    def genre_model(self) -> GenreModel:
        """The library's genre model, see `the_genre_model`."""
        return self.keep("genre model", lambda _: the_genre_model(self.data))

    def keep(self, name: str, make: Callable[[Catalogue], _Made]) -> _Made:
        """What `make` makes of the library; kept where the library is resident."""
        return make(self.catalogue) if self.resident is None else self.resident.keep(name, make)


@contextmanager
def opened(library: Library) -> Iterator[AtHand]:
    """The library at hand while a question is answered.

    Raises
    ------
    NothingFound, CatalogueError
        As `segue.catalogue.open_catalogue`.
    """
    if isinstance(library, Resident):
        yield AtHand(library.data, library.catalogue(), library)
    else:
        with open_catalogue(library) as catalogue:
            yield AtHand(library, catalogue)


def warm_up(resident: Resident) -> None:
    """Make what the first question would have to wait for; a library that cannot answer yet is left alone."""
    with suppress(SegueError), opened(resident) as at_hand:
        at_hand.space(at_hand.encoder())
