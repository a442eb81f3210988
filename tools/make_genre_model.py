"""Make the genre model that ships, from Emotify: `python tools/make_genre_model.py ../shared/data/emotify`.

Emotify (A. Aljanin, F. Wiering, R. C. Veltkamp, "Studying emotion induced by music through a crowdsourcing
game", Information Processing & Management 52, 2016) is music by Magnatune; its clips are not to be passed on,
models trained on them may be.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from segue.files import write_whole
from segue.genres.storing import CARD, HEADER
from segue.operations.genre_model import SHIPPED
from segue.operations.genres_train import WantedGenres, train_genres
from segue.settings import data_folder

_LICENCE = "MIT"
_NOTES = (
    "Learned from a part of Emotify (Aljanin, Wiering, Veltkamp 2016; music by Magnatune), whose terms let "
    "models be passed on, and citation is asked for. Its vectors come from musicnn (ISC licence)."
)
_CAUTION = (
    "It knows four genres: whatever else it hears, it calls one of them. Train a model on tags of your own "
    "for others."
)


def main() -> None:
    """Train, judge, and write the model into the package, without the names of the tracks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("emotify", type=Path)
    folder = parser.parse_args().emotify
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "segue-genres")
        report = train_genres(
            folder, made, WantedGenres(encoder="musicnn"), data=data_folder(Path(scratch, "data"))
        )
        shutil.rmtree(SHIPPED, ignore_errors=True)
        SHIPPED.mkdir()
        for path in made.glob("classifier-*"):
            shutil.copy(path, SHIPPED / path.name)
        page = (made / CARD).read_text(encoding="utf-8")
        header = json.loads((made / HEADER).read_text(encoding="utf-8"))
    old = header["card"]
    page = page.replace(f"{old['licence']}. {old['licence_notes']}", f"{_LICENCE}. {_NOTES}")
    header["card"] = {**old, "licence": _LICENCE, "licence_notes": _NOTES, "notes": [_CAUTION]}
    write_whole(SHIPPED / CARD, page.rstrip() + f"\n\n{_CAUTION}\n")
    write_whole(SHIPPED / HEADER, json.dumps(header, indent=1, ensure_ascii=False) + "\n")
    print("; ".join(f"{figure.name} {figure.value:.3f}" for figure in report.figures))


if __name__ == "__main__":
    main()
