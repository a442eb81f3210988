"""Write docs/openapi.json from the server's routes; with --check only say whether it is up to date."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from segue.server.app import create_app
from segue.server.served import ServerSettings
from segue.settings import DataFolder

TARGET = Path(__file__).parents[1] / "docs" / "openapi.json"


def document() -> str:
    """The OpenAPI document as it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(ServerSettings(data=DataFolder(Path(folder)), scan=False))
        return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write it, or with --check compare."""
    text = document()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print("docs/openapi.json is not up to date: run python tools/make_openapi.py", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
