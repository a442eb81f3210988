"""ListenBrainz, and servers that speak as it does: send listens and opinions there, check a token."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segue.errors import ServiceError, TryLater, UsageError
from segue.services.asking import Answer, ask, checked_root, wait_of
from segue.services.listenbrainz import MOST_LISTENS, SKEW_S, listen_document
from segue.texts import mbid_of, text_of
from segue.types import Listen

ROOT = "https://api.listenbrainz.org"
"""The service that MetaBrainz runs."""

_TOKEN = re.compile(r"[!-~]{1,500}")  # what an HTTP header can hold, without spaces
_WORDS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of something that was sent.

    Attributes
    ----------
    verdict
        ``accepted``; ``refused``: for good, drop it; ``later``: send it again after `after_s` seconds;
        ``bad-token``: keep it until there is another token.
    detail
        One line for a person.
    after_s
        In seconds; 0 but for ``later``.
    left_out
        Listens that were not sent, because the service takes none like them: no names, a time before 2002 or
        in the future. They need not be sent again.
    """

    verdict: Literal["accepted", "refused", "later", "bad-token"]
    detail: str
    after_s: float = 0.0
    left_out: int = 0


def submit_listens(token: str, listens: Sequence[Listen], *, root: str = ROOT) -> Outcome:
    """Send listens in one request.

    The service takes all of them or none: where it refuses several, send them one by one, so that a wrong
    one costs itself alone.

    Parameters
    ----------
    token
        The user's, as the service shows it in the profile.
    listens
        At most 1,000, each with a time.

    Raises
    ------
    UsageError
        If there are more, one has no time, or `root` is no address.
    """
    if len(listens) > MOST_LISTENS:
        raise UsageError(f"{len(listens)} listens are too many for one request: at most {MOST_LISTENS}")
    if any(listen.time_s is None for listen in listens):
        raise UsageError("a listen without a time cannot be submitted")
    latest_s = time.time() + SKEW_S
    in_time = (one for one in listens if one.time_s is not None and one.time_s <= latest_s)
    documents = [document for one in in_time if (document := listen_document(one)) is not None]
    left_out = len(listens) - len(documents)
    if not documents:
        return Outcome("refused", "there is nothing that ListenBrainz would take", left_out=left_out)
    kind = "single" if len(documents) == 1 else "import"
    return _sent(token, root, "submit-listens", {"listen_type": kind, "payload": documents}, left_out)


def submit_playing_now(token: str, listen: Listen, *, root: str = ROOT) -> Outcome:
    """Say what plays now; its time is left out.

    Raises
    ------
    UsageError
        If `root` is no address.
    """
    document = listen_document(listen._replace(time_s=None))
    if document is None:
        return Outcome("refused", "it does not say what plays", left_out=1)
    return _sent(token, root, "submit-listens", {"listen_type": "playing_now", "payload": [document]})


def submit_feedback(token: str, recording_mbid: str, score: int, *, root: str = ROOT) -> Outcome:
    """Say that the user loves (1) or hates (-1) a recording, or take it back (0).

    Raises
    ------
    UsageError
        If the id or the score is none, or `root` is no address.
    """
    mbid = mbid_of(recording_mbid)
    if not mbid or score not in (-1, 0, 1):
        raise UsageError("feedback needs a MusicBrainz recording id, and a score of -1, 0 or 1")
    return _sent(token, root, "feedback/recording-feedback", {"recording_mbid": mbid, "score": score})


def validate_token(token: str, *, root: str = ROOT) -> str | None:
    """The name of the user whose token it is; None if it is nobody's.

    Raises
    ------
    TryLater
        If the service cannot say now.
    ServiceError
        If it does not answer as documented: perhaps another address is meant.
    UsageError
        If `root` is no address.
    """
    url = f"{checked_root(root)}/1/validate-token"
    if not _TOKEN.fullmatch(token):
        return None
    answer = ask(url, headers={"Authorization": f"Token {token}"})
    if answer.status == 429 or answer.status >= 500:
        raise TryLater(f"{root} cannot check the token now (status {answer.status})", wait_of(answer.headers))
    if answer.status == 401:
        return None
    said = _document(answer)
    if answer.status != 200 or not isinstance(said.get("valid"), bool):
        raise ServiceError(f"{root} does not answer as ListenBrainz does (status {answer.status})")
    return text_of(said.get("user_name")) if said["valid"] else None


def _sent(token: str, root: str, place: str, document: dict[str, Any], left_out: int = 0) -> Outcome:
    url = f"{checked_root(root)}/1/{place}"
    if not _TOKEN.fullmatch(token):
        return Outcome("bad-token", "the token is empty or has characters that no token has", 0.0, left_out)
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    content = json.dumps(document).encode("utf-8")
    try:
        answer = ask(url, headers=headers, content=content)
    except TryLater as failure:
        return Outcome("later", str(failure), failure.after_s, left_out)
    verdict = _verdict(answer.status)
    after_s = wait_of(answer.headers) if verdict == "later" else 0.0
    return Outcome(verdict, _words(answer, verdict), after_s, left_out)


def _verdict(status: int) -> Literal["accepted", "refused", "later", "bad-token"]:
    if 200 <= status < 300:
        return "accepted"
    if status in (401, 403):
        return "bad-token"
    # A redirect is not followed: whoever set the address gives the new one, and nothing is lost till then.
    if status in (408, 425, 429) or status >= 500 or 300 <= status < 400:
        return "later"
    return "refused"


def _words(answer: Answer, verdict: str) -> str:
    """What the service says of it, as one line."""
    said = text_of(_document(answer).get("error"))[:_WORDS_SHOWN]
    if verdict == "accepted":
        return "accepted"
    if 300 <= answer.status < 400:
        return f"the service is at another address: {text_of(answer.headers.get('location'))[:_WORDS_SHOWN]}"
    return f"status {answer.status}: {said}" if said else f"status {answer.status}"


def _document(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
