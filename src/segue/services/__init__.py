"""Other people's web services: what they say and take; the only room that asks the network.

What asks it is imported by its own name, because it loads much: `listenbrainz_client` and `spotify`.
"""

from segue.services.listenbrainz import Submission, parse_submission
from segue.services.secrets import seal, server_key, unseal

__all__ = ["Submission", "parse_submission", "seal", "server_key", "unseal"]
