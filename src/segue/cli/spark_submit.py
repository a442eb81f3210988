"""`segue spark …` as a file for ``spark-submit``, which takes the master from its own options."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # A file that is run has its folder searched before all others, whose modules have names of their own.
    sys.path = [place for place in sys.path if place != str(Path(__file__).parent)]
    from segue.cli import main

    main(["spark", *sys.argv[1:]])
