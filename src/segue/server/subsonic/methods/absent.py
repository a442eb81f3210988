"""What Segue does not have: lists of it are empty, one of it is not found, making it is refused."""

from __future__ import annotations

from segue.server.subsonic.answers import Failure, Node
from segue.server.subsonic.registry import Asked, Method, method

_EMPTY: dict[str, Node] = {
    "getBookmarks": {"bookmarks": {"bookmark": []}},
    "getChatMessages": {"chatMessages": {"chatMessage": []}},
    "getInternetRadioStations": {"internetRadioStations": {"internetRadioStation": []}},
    "getNewestPodcasts": {"newestPodcasts": {"episode": []}},
    "getPodcasts": {"podcasts": {"channel": []}},
    "getShares": {"shares": {"share": []}},
    "getVideos": {"videos": {"video": []}},
}
_NOT_FOUND = {
    "getAvatar": "There are no pictures of people",
    "getCaptions": "There are no videos",
    "getPodcastEpisode": "There are no podcasts",
    "getVideoInfo": "There are no videos",
}
_REFUSED = {
    "There is no chat": ("addChatMessage",),
    "Bookmarks are not kept: the play queue is": ("createBookmark", "deleteBookmark"),
    "There is no internet radio": (
        *("createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation"),
    ),
    "There are no podcasts": (
        *("createPodcastChannel", "deletePodcastChannel", "deletePodcastEpisode"),
        *("downloadPodcastEpisode", "refreshPodcasts"),
    ),
    "There are no shares": ("createShare", "updateShare", "deleteShare"),
    "There is no jukebox: music plays where the app is": ("jukeboxControl",),
    "Music is sent by stream, not in pieces": ("hls", "hls.m3u8"),
    "Accounts and passwords are seen to in Segue's settings": (
        *("createUser", "updateUser", "deleteUser", "changePassword"),
    ),
}


def _always(answer: Node) -> Method:
    def answers(asked: Asked) -> Node:
        return answer

    return answers


def _never(code: int, message: str) -> Method:
    def fails(asked: Asked) -> Node:
        raise Failure(code, message)

    return fails


for _name, _answer in _EMPTY.items():
    method(_name)(_always(_answer))
for _name, _message in _NOT_FOUND.items():
    method(_name)(_never(70, _message))
for _message, _names in _REFUSED.items():
    for _name in _names:
        method(_name)(_never(50, _message))
