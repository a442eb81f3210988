"""How parts of long lists are asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

Offset = Annotated[int, Query(ge=0, le=10**9)]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Number = Annotated[int, Query(ge=1, le=200, description="How many tracks.")]
