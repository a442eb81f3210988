"""The OpenAPI document is whole and true: what it promises, the server keeps, whatever is sent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis import checks

from segue.operations.views import write_views
from segue.server.openapi import FREE

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENT = json.loads((_ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
# What they start goes on after the answer: scans of any folder, processes, requests to services of others.
_NOT_TRIED = r"^/api/(sources$|scan|evaluation$|connections/)"
_CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
)
_schema = schemathesis.openapi.from_dict(_DOCUMENT).exclude(path_regex=_NOT_TRIED)


def test_the_document_is_up_to_date() -> None:
    command = [sys.executable, str(_ROOT / "tools" / "make_openapi.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_operation_is_described() -> None:
    seen = set()
    for path, operations in _DOCUMENT["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["operationId"] not in seen, where
            seen.add(operation["operationId"])
            assert len(operation["summary"].split()) > 1 and operation["tags"], where
            assert [door for door in operation["security"] if door] == [{"session": []}, {"key": []}], where
            assert ({} in operation["security"]) == ((method, path) in FREE), where
            for status, answer in operation["responses"].items():
                assert answer["description"], where
                if status.endswith("XX"):
                    assert set(answer["content"]) == {"application/problem+json"}, where
                    assert "$ref" in answer["content"]["application/problem+json"]["schema"]
    assert set(_DOCUMENT["components"]["securitySchemes"]) == {"session", "key"}


@pytest.fixture(scope="module")
def tried(new_home: Callable[..., Any]) -> Iterator[Any]:
    """A server with all that can be shown, and how to ask it."""
    home = new_home()
    write_views(home.data)
    config = uvicorn.Config(home.app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{address}", home.keys["ana"], home.tracks(5)
    server.should_exit = True
    thread.join(10)


def _tried(case: Any, tried: Any) -> None:
    url, key, tracks = tried
    # Ids that are made up are hardly ever there: half of them are made real.
    for part, name in ((case.path_parameters, "track"), (case.query, "seed")):
        value = str((part or {}).get(name, ""))
        if value and sum(map(ord, value)) % 2:
            part[name] = tracks[len(value) % len(tracks)]
    case.call_and_validate(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, checks=_CHECKS, timeout=60
    )


_QUICK = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


@_schema.parametrize()
@settings(max_examples=3, **_QUICK)
def test_what_the_document_promises_is_kept(case: Any, tried: Any) -> None:
    _tried(case, tried)


@pytest.mark.slow
@pytest.mark.timeout(900)
@_schema.parametrize()
@settings(max_examples=60, **_QUICK)
def test_what_the_document_promises_is_kept_at_length(case: Any, tried: Any) -> None:
    _tried(case, tried)
