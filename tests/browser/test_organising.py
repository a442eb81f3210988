"""Playlists, a history that is brought along, problems, a scan that is watched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Site, Visitor

_DROP = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: 'application/json' }));
  const target = document.querySelector('.drop');
  for (const type of ['dragover', 'drop'])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""
# Keeps what the page says whenever it shows how far a scan is.
_FOLLOW = """() => {
  window.seen = [];
  const main = document.querySelector('main');
  new MutationObserver(() => main.querySelector('progress') && window.seen.push(main.innerText))
    .observe(main, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture
def playlist(site: Site) -> Iterator[dict[str, Any]]:
    """Four tracks."""
    tracks = [one["id"] for one in site.get("tracks", limit=4)["items"]]
    made = site.send("POST", "playlists", {"name": "Four", "comment": "", "tracks": tracks})
    yield made
    for one in site.get("playlists")["items"]:
        if one["name"].startswith("Four"):
            site.send("DELETE", f"playlists/{one['id']}")


def _saved(site: Site, playlist: dict[str, Any]) -> list[str]:
    return [one["title"] for one in site.get(f"playlists/{playlist['id']}")["tracks"]]


def test_make_a_playlist_and_add_to_it(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page("playlists")
    page.get_by_role("button", name="New playlist").click()
    page.get_by_label("Name", exact=True).fill("Evenings")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Evenings", level=1).wait_for()
    page.get_by_text("This playlist is empty").wait_for()
    page.get_by_role("link", name="Tracks").click()
    page.get_by_role("button", name="Menu of Dock Run").click()
    page.get_by_role("menuitem", name="Add to playlist …").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Evenings")).click()
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("row", name=re.compile("Dock Run")).wait_for()
    page.get_by_role("button", name="Delete the playlist").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("row", name=re.compile("Dock Run")).wait_for()
    made = next(one for one in site.get("playlists")["items"] if one["name"] == "Evenings")
    site.send("DELETE", f"playlists/{made['id']}")


def test_move_by_keys_and_export(
    open_page: Callable[..., Page], site: Site, playlist: dict[str, Any]
) -> None:
    page = open_page(f"playlists/{playlist['id']}")
    before = _saved(site, playlist)
    page.get_by_role("row", name=re.compile(re.escape(before[0]))).focus()
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "playlists" in answer.url):
        page.keyboard.press("Alt+ArrowDown")
    assert _saved(site, playlist) == [before[1], before[0], *before[2:]]
    page.get_by_text("Export").click()
    with page.expect_download() as loaded:
        page.get_by_role("link", name="M3U8").click()
    text = Path(loaded.value.path()).read_text()
    assert text.startswith("#EXTM3U")
    assert text.index(before[1]) < text.index(before[0])


def test_two_tabs_change_one_playlist(visitor: Visitor, site: Site, playlist: dict[str, Any]) -> None:
    visitor.expect("status of 409")
    address, before = f"playlists/{playlist['id']}", _saved(site, playlist)
    one = visitor.open(site, address)
    other = visitor.tab(one.context, address)
    for tab in (one, other):
        tab.get_by_role("row", name=re.compile(re.escape(before[0]))).wait_for()
    one.get_by_role("row", name=re.compile(re.escape(before[0]))).focus()
    with one.expect_response(lambda answer: answer.request.method == "PUT" and "playlists" in answer.url):
        one.keyboard.press("Delete")
    other.get_by_role("row", name=re.compile(re.escape(before[3]))).focus()
    other.keyboard.press("Delete")
    dialog = other.get_by_role("dialog", name="This playlist was changed elsewhere")
    dialog.get_by_role("button", name="Keep mine as a copy").click()
    other.get_by_role("heading", name="Four (my version)", level=1).wait_for()
    assert _saved(site, playlist) == before[1:]
    copy = next(one for one in site.get("playlists")["items"] if one["name"] == "Four (my version)")
    assert _saved(site, copy) == before[:3]


def test_a_history_is_dropped(open_page: Callable[..., Page]) -> None:
    rows = [
        {
            "ts": f"2024-03-0{day}T20:00:00Z",
            "ms_played": 200_000,
            "master_metadata_track_name": title,
            "master_metadata_album_artist_name": artist,
            "master_metadata_album_album_name": "",
            "spotify_track_uri": f"spotify:track:{day}",
        }
        for day, (artist, title) in enumerate(
            [("Yuna Okabe", "Folded Crane"), ("Vanta Drive", "Neon Ledger"), ("Nobody", "Not Here")], start=1
        )
    ]
    page = open_page("history")
    page.get_by_text("Drop files here").wait_for()
    page.evaluate(_DROP, ["Streaming_History_Audio_2024_0.json", json.dumps(rows)])
    report = page.get_by_role("region", name="What was found")
    report.get_by_text("3 lines read").wait_for()
    assert "2 / 3" in report.inner_text()
    page.get_by_text(re.compile("Not Here")).wait_for()


def test_a_file_that_is_no_history(visitor: Visitor, site: Site) -> None:
    visitor.expect("status of 4")
    page = visitor.open(site, "history")
    page.get_by_text("Drop files here").wait_for()
    page.evaluate(_DROP, ["shopping.json", "bread, tea, strings"])
    page.locator("main").get_by_role("alert").wait_for()


def test_problems_are_named(open_page: Callable[..., Page]) -> None:
    page = open_page("problems")
    page.get_by_text("music/Downloads/not really music.mp3").wait_for()
    page.get_by_text("music/Downloads/interrupted download.flac").wait_for()


@pytest.mark.slow
def test_a_scan_is_seen_while_it_runs(open_page: Callable[..., Page], site: Site) -> None:
    import soundfile
    from mutagen.flac import FLAC

    assert site.watched is not None
    page = open_page("scan")
    page.get_by_text("All is up to date").wait_for()
    page.evaluate(_FOLLOW)
    noise = np.random.default_rng(5).normal(0, 0.05, 44_100 * 12) * np.sin(np.arange(44_100 * 12) / 9_000)
    hidden = site.watched.parent / "new.flac"
    soundfile.write(hidden, noise, 44_100)
    tags = FLAC(hidden)
    tags.update({"title": "Just Arrived", "artist": "Wind"})
    tags.save()
    hidden.rename(site.watched / "new.flac")
    page.wait_for_function("() => window.seen.length > 0", timeout=60_000)
    page.get_by_text("All is up to date").wait_for(timeout=60_000)
    page.get_by_role("searchbox").fill("just arrived")
    page.get_by_role("row", name=re.compile("Just Arrived")).wait_for()
