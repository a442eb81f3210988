"""What a method answers, as plain nested dictionaries, and how the two formats write it.

In JSON a dictionary is an object. In XML its numbers, texts and truth values are attributes, its
dictionaries and lists are child elements, and ``value`` is the text between the tags where there are no child
elements; `Element` marks a text that XML writes as a child element of its own. None stands for "not known"
and is left out of both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from xml.etree import ElementTree

from segue import __version__

PROTOCOL = "1.16.1"
NAMESPACE = "http://subsonic.org/restapi"

# What no XML document may hold, and halves of letters that UTF-8 cannot write.
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,127}")


@dataclass(frozen=True, slots=True)
class Element:
    """A text that is a child element in XML, and an ordinary text in JSON."""

    text: str


Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = "Scalar | Element | Node | Sequence[Node] | Sequence[str] | Sequence[int] | None"
Node: TypeAlias = Mapping[str, Value]


class Failure(Exception):
    """What went wrong, as the protocol numbers it.

    Attributes
    ----------
    code
        0 anything else, 10 a parameter is missing, 20 and 30 the versions do not fit, 40 wrong name or
        password, 41 and 42 this way in is not offered, 43 several ways in at once, 44 wrong key,
        50 not allowed, 70 not found.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NeverHeardOf(Failure):
    """No method has this name."""


class TooManyTries(Failure):
    """Too many wrong passwords; `wait_s` is how long to wait, in seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(40, f"Too many wrong passwords: wait {max(1, round(wait_s))} seconds")
        self.wait_s = wait_s


def envelope(answer: Node) -> dict[str, Value]:
    """An answer in what surrounds every answer."""
    return {"status": "ok", **_about(), **answer}


def failed(failure: Failure) -> dict[str, Value]:
    """The same for what went wrong."""
    return {"status": "failed", **_about(), "error": {"code": failure.code, "message": failure.message}}


def _about() -> dict[str, Value]:
    return {"version": PROTOCOL, "type": "segue", "serverVersion": __version__, "openSubsonic": True}


def as_json(whole: Node) -> bytes:
    """
    >>> as_json({"status": "ok", "genre": [{"value": "Folk", "songCount": 2}], "gone": None})
    b'{"subsonic-response":{"status":"ok","genre":[{"value":"Folk","songCount":2}]}}'
    """
    return json.dumps(
        {"subsonic-response": _plain(whole)}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def as_jsonp(whole: Node, callback: str) -> bytes:
    """JSON inside a call of the function `callback`.

    Raises
    ------
    Failure
        If `callback` is no name of a function.
    """
    if not _CALLBACK.fullmatch(callback):
        raise Failure(0, "callback is not the name of a function")
    # A line separator is allowed in JSON, but ends a line in older JavaScript.
    text = as_json(whole).replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")
    return b"/**/" + callback.encode() + b"(" + text + b");"


def as_xml(whole: Node) -> bytes:
    """
    >>> as_xml({"status": "ok", "genre": [{"value": "Folk & Pop", "songCount": 2}]}).decode()
    '<?xml version=...<genre songCount="2">Folk &amp; Pop</genre></subsonic-response>'
    """
    root = ElementTree.Element("subsonic-response", {"xmlns": NAMESPACE})
    _write(root, whole)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _plain(value: Value) -> object:
    if isinstance(value, Element):
        return clean(value.text)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _plain(held) for name, held in value.items() if held is not None}
    if isinstance(value, Sequence):
        return [_plain(held) for held in value]
    return value


def _write(parent: ElementTree.Element, node: Node) -> None:
    leaf = not any(isinstance(value, Mapping | list | tuple) for value in node.values())
    for name, value in node.items():
        if name == "value" and leaf and isinstance(value, str):
            parent.text = clean(value)
        elif isinstance(value, str | bool | int | float):
            parent.set(name, _text(value))
        else:
            for child in _children(value):
                element = ElementTree.SubElement(parent, name)
                if isinstance(child, Mapping):
                    _write(element, child)
                else:
                    element.text = _text(child)


def _children(
    value: Element | Node | Sequence[Node] | Sequence[str] | Sequence[int] | None,
) -> Iterator[Node | str | int]:
    if value is None:
        return
    if isinstance(value, Element):
        yield value.text
    elif isinstance(value, Mapping):
        yield value
    else:
        yield from value


def _text(value: Scalar) -> str:
    """
    >>> _text(True), _text(3), _text(-1.5)
    ('true', '3', '-1.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(value) if isinstance(value, str) else repr(value)


def clean(text: str) -> str:
    """A text that both formats can write, with one kind of line end.

    >>> clean("a\\r\\nb\\x00c")
    'a\\nb\ufffdc'
    """
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def iso_time(seconds: float | None) -> str | None:
    """UTC epoch seconds as ISO 8601.

    >>> iso_time(0.25), iso_time(None)
    ('1970-01-01T00:00:00.250Z', None)
    """
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
