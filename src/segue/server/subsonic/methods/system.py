"""Is it there, what can it do, is it scanning?"""

from __future__ import annotations

from segue.catalogue import n_tracks
from segue.server.subsonic.answers import Failure, Node
from segue.server.subsonic.registry import Asked, free_method, method

EXTENSIONS = {
    "apiKeyAuthentication": (1,),
    "formPost": (1,),
    "indexBasedQueue": (1,),
    "playbackReport": (1,),
    "songLyrics": (1, 2),
    "sonicSimilarity": (1,),
    "transcodeOffset": (1,),
    "transcoding": (1,),
}


@method("ping")
def ping(asked: Asked) -> Node:
    """Nothing, if the caller may come in."""
    return {}


@method("getLicense")
def get_license(asked: Asked) -> Node:
    """Free software needs none."""
    return {"license": {"valid": True}}


@free_method("getOpenSubsonicExtensions")
def get_extensions() -> Node:
    """What is understood beyond the protocol; apps ask before they log in."""
    return {
        "openSubsonicExtensions": [
            {"name": name, "versions": list(versions)} for name, versions in EXTENSIONS.items()
        ]
    }


@method("tokenInfo")
def token_info(asked: Asked) -> Node:
    """Whose key it is."""
    return {"tokenInfo": {"username": asked.caller.name}}


@method("getScanStatus")
def get_scan_status(asked: Asked) -> Node:
    """Whether a scan is at work, and how many tracks there are."""
    return _status(asked)


@method("startScan")
def start_scan(asked: Asked) -> Node:
    """Begin a scan; those who may not see to the library may not begin one."""
    if not asked.caller.is_admin:
        raise Failure(50, "Only an administrator may start a scan")
    asked.services.scans.start()
    return _status(asked)


def _status(asked: Asked) -> Node:
    return {
        "scanStatus": {
            "scanning": asked.services.scans.at_work(),
            "count": n_tracks(asked.catalogue),
        }
    }
