"""The blind listening test."""

from __future__ import annotations

from typing import Any

import pytest

from segue.catalogue import open_catalogue
from segue.operations.listening_test import open_ticket


def test_wrong_tests_are_refused(shown: Any) -> None:
    shown.ana.get("/api/listening-test", seed="nothing", expect=404)
    shown.ana.get("/api/listening-test", n=0, expect=422)
    assert shown.ana.get("/api/listening-test/tally") == {"items": []}


@pytest.mark.parametrize("ticket", ["", "x", "gAAAAA", "😀", "x" * 5_000, "\0"])
def test_a_ticket_cannot_be_made(shown: Any, ticket: str) -> None:
    shown.ana.post("/api/listening-test", {"ticket": ticket, "preferred": 1}, expect=422)
    shown.ana.post("/api/listening-test", {"ticket": ticket, "preferred": 3}, expect=422)


def test_one_encoder_has_no_rival(home: Any) -> None:
    ticket = open_ticket(home.data, home.ana.get("/api/listening-test")["ticket"])
    with open_catalogue(home.data, write=True) as catalogue:
        where = "(SELECT id FROM encoders WHERE name = ?)"
        catalogue.connection.execute(f"DELETE FROM vectors WHERE encoder_id = {where}", (ticket.second,))
    assert "scan with another" in home.ana.get("/api/listening-test", expect=404)["detail"]


def test_a_vote_counts_once_and_blind(home: Any) -> None:
    seed = home.track("Neon Ledger")
    test = home.ana.get("/api/listening-test", seed=seed, n=3)
    assert test["seed"]["id"] == seed and len(test["first"]) == len(test["second"]) == 3
    ticket = open_ticket(home.data, test["ticket"])
    for name in (ticket.first, ticket.second):
        assert name not in str(test)
    said = {"ticket": test["ticket"], "preferred": 1}
    for _ in range(2):
        [tally] = home.ana.post("/api/listening-test", said, expect=201)["items"]
        assert tally["n"] == 1 and tally["low"] <= tally["share"] <= tally["high"]
    winner = tally["model"] if tally["wins"] else tally["other"]
    assert winner == ticket.first
    assert home.ben.get("/api/listening-test/tally")["items"][0]["n"] == 1
