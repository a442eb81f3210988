"""A server on loopback with the demo library, two listeners, their app passwords and keys."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from segue.operations.accounts import add_account, make_app_password, make_key
from segue.server.app import create_app
from segue.server.served import Served, ServerSettings
from segue.settings import DataFolder

NAMESPACE = "{http://subsonic.org/restapi}"


@dataclass(frozen=True)
class Running:
    """The server, and how its listeners come in.

    Attributes
    ----------
    passwords, keys
        By the name of the account: ``ana`` is the administrator, ``ben`` is not.
    """

    url: str
    served: Served
    passwords: dict[str, str]
    keys: dict[str, str]

    @property
    def data(self) -> DataFolder:
        return self.served.data

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


class Caller:
    """Asks as one listener, and looks into the answers."""

    def __init__(self, client: httpx.Client, key: str) -> None:
        self.client = client
        self._key = key

    def params(self, given: Any, /, **more: str) -> list[tuple[str, str]]:
        pairs = [("apiKey", self._key), ("v", "1.16.1"), ("c", "tests"), *more.items()]
        for name, value in given.items():
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(one)) for one in values]
        return pairs

    def raw(self, name: str, /, *, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        return self.client.get(f"/rest/{name}", params=self.params(params), headers=headers)

    def whole(self, name: str, /, **params: Any) -> dict[str, Any]:
        """The answer as JSON with its envelope."""
        answer = self.client.get(f"/rest/{name}.view", params=self.params(params, f="json"))
        assert answer.headers["content-type"] == "application/json"
        whole: dict[str, Any] = answer.json()
        return whole

    def ask(self, name: str, /, **params: Any) -> dict[str, Any]:
        """The answer of what must succeed."""
        answer: dict[str, Any] = self.whole(name, **params)["subsonic-response"]
        assert answer["status"] == "ok", answer
        return answer

    def fail(self, name: str, /, **params: Any) -> tuple[int, str]:
        """Code and message of what must fail."""
        answer = self.whole(name, **params)["subsonic-response"]
        assert answer["status"] == "failed", answer
        return answer["error"]["code"], answer["error"]["message"]

    def xml(self, name: str, /, **params: Any) -> ElementTree.Element:
        answer = self.client.get(f"/rest/{name}", params=self.params(params))
        assert answer.headers["content-type"] == "application/xml"
        return ElementTree.fromstring(answer.content)


@pytest.fixture(scope="session")
def running(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = DataFolder(tmp_path_factory.mktemp("subsonic") / "data")
    shutil.copytree(demo.data, data.path)
    passwords, keys = {}, {}
    for name in ("ana", "ben"):
        add_account(data, name, f"the word of {name}")
        passwords[name] = make_app_password(data, name, "phone").secret
        keys[name] = make_key(data, name, "phone").secret
    app = create_app(ServerSettings(data=data, scan=False))
    with serving(app) as url:
        yield Running(url, app.state.served, passwords, keys)


@pytest.fixture(scope="session")
def callers(running: Running) -> Iterator[Callable[[str], Caller]]:
    """Makes who asks in the name of an account."""
    with httpx.Client(base_url=running.url, timeout=60) as client:
        yield lambda name: Caller(client, running.keys[name])


@pytest.fixture
def ana(callers: Callable[[str], Caller]) -> Caller:
    return callers("ana")


@pytest.fixture
def ben(callers: Callable[[str], Caller]) -> Caller:
    return callers("ben")


class serving:  # noqa: N801 - used as a function
    """An application on a free port of loopback."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture(scope="session")
def served_at() -> Callable[[FastAPI], Any]:
    """Makes servers: a context that gives the address of one."""
    return serving


@pytest.fixture(scope="session")
def openapi(shared: Path) -> Path:
    """The published schemas."""
    return shared / "data" / "opensubsonic" / "openapi"


@pytest.fixture
def validated(openapi: Path) -> Callable[[str, Any], None]:
    """Holds an answer against the published schemas."""

    def check(name: str, answer: Any) -> None:
        assert complaints(openapi, name, answer) == []

    return check


# ---- the published response schemas, made strict ------------------------------------------------------

_FORMATS = FormatChecker()


@_FORMATS.checks("date-time")
def _is_time(text: object) -> bool:
    try:
        return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _strict(schema: Any, *, place: bool = False) -> Any:
    """With `unevaluatedProperties: false` wherever a property or an item refers to another schema."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {
        name: (
            {key: _strict(one, place=True) for key, one in value.items()}
            if name == "properties"
            else _strict(value, place=name == "items")
        )
        for name, value in schema.items()
    }
    if place and ("$ref" in changed or "allOf" in changed):
        changed["unevaluatedProperties"] = False
    return changed


@cache
def _retrieve(uri: str) -> Resource[Any]:
    content = json.loads(Path(uri.removeprefix("file://")).read_text(encoding="utf-8"))
    if not {"properties", "allOf", "oneOf", "enum"} & set(content):
        content["additionalProperties"] = True  # it is not described any further
    if uri.endswith("/Child.json"):  # albums as folders carry what apps look for in albums
        content["properties"] |= {"name": {"type": "string"}, "songCount": {"type": "integer"}}
    return Resource.from_contents(_strict(content), default_specification=DRAFT202012)


_REGISTRY: Registry[Any] = Registry(retrieve=_retrieve)


@cache
def _response_schema(folder: Path, name: str) -> Path:
    """The schema of what a method answers."""
    endpoint = json.loads((folder / "endpoints" / f"{name}.json").read_text(encoding="utf-8"))
    answer = next(iter(endpoint.values()))["responses"]["200"]
    if "$ref" in answer:
        return (folder / "endpoints" / answer["$ref"]).resolve()
    content = answer["content"]["application/json"]["schema"]["$ref"]
    return (folder / "endpoints" / content).resolve()


def complaints(folder: Path, name: str, answer: Any) -> list[str]:
    """What is wrong with an answer of the method `name`, as the schemas in `folder` see it."""
    path = _response_schema(folder, name)
    if path.parent.name == "responses" or path.name == "TranscodeDecisionResponse.json":
        content = json.loads(path.read_text(encoding="utf-8"))["content"]["application/json"]["schema"]
        schema = _strict(content)
        base = f"file://{path}"
        schema = {"$id": base, **schema}
    else:
        schema = {"$ref": f"file://{path}"}
    validator = Draft202012Validator(schema, registry=_REGISTRY, format_checker=_FORMATS)
    return [line for error in validator.iter_errors(answer) for line in _lines(error)]


def _lines(error: ValidationError) -> list[str]:
    """An error with what it consists of."""
    inner = [line for one in error.context or () for line in _lines(one)]
    return [f"{error.json_path}: {error.message[:200]}", *inner]
