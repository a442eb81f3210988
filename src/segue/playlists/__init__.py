"""Playlist files: M3U8, XSPF and JSPF, read and written."""

from segue.playlists.entries import Entry, Playlist
from segue.playlists.files import PLAYLIST_SUFFIXES, read_playlist, write_playlist

__all__ = ["PLAYLIST_SUFFIXES", "Entry", "Playlist", "read_playlist", "write_playlist"]
