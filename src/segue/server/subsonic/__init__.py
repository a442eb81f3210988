"""The OpenSubsonic API: what phone and desktop apps of that family ask."""

from __future__ import annotations

from segue.server.subsonic.access import Doors
from segue.server.subsonic.playing import Playing
from segue.server.subsonic.registry import Scans, Services
from segue.server.subsonic.router import subsonic_router
from segue.server.subsonic.serving import services_of

__all__ = ["Doors", "Playing", "Scans", "Services", "services_of", "subsonic_router"]
