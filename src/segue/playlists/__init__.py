"""Playlist files: M3U8, XSPF and JSPF, read and written."""

from segue.playlists.entries import Entry, Playlist
from segue.playlists.file_names import safe_file_name
from segue.playlists.files import PLAYLIST_SUFFIXES, read_playlist, write_playlist
from segue.playlists.own_files import OwnPlaylist, write_own_playlists

__all__ = [
    "PLAYLIST_SUFFIXES",
    "Entry",
    "OwnPlaylist",
    "Playlist",
    "read_playlist",
    "safe_file_name",
    "write_own_playlists",
    "write_playlist",
]
