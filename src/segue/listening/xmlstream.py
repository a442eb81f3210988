"""Records out of XML of any length, with declared entities refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar
from xml.parsers import expat

from segue.errors import UsageError
from segue.listening.sources import Source

Record = TypeVar("Record")
_CHUNK = 1 << 16


def xml_records(
    source: Source, set_up: Callable[[expat.XMLParserType, Callable[[Record], None]], None]
) -> Iterator[Record]:
    """The records that handlers find.

    Parameters
    ----------
    source
        The XML. Entities declared in it are refused, because they can swell a few bytes to gigabytes.
    set_up
        Gives a parser its handlers, which call the second argument for each record.

    Raises
    ------
    UsageError
        If it is not XML, is cut off, or declares an entity.
    """
    found: list[Record] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise UsageError(f"{source.name} declares an XML entity, which is refused")

    parser.EntityDeclHandler = refuse
    set_up(parser, found.append)
    with source.open_text() as text:
        try:
            while part := text.read(_CHUNK):
                parser.Parse(part, False)
                yield from found
                found.clear()
            parser.Parse("", True)
        except (expat.ExpatError, ValueError) as error:
            code = getattr(error, "code", 0)
            if code in (expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS], _UNCLOSED):
                raise UsageError(f"{source.name} is cut off: get it anew") from None
            raise UsageError(f"{source.name} is not XML: {error}") from None
    yield from found


_UNCLOSED = expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]
