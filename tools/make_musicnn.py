"""Makes the artefact of the encoder `musicnn-msd-1` from the wheel in which its authors published it.

    python tools/make_musicnn.py --output src/segue/encoders/data

Needs the development extras and, unless `--wheel` names it, the package index. Writes the ONNX graph, its
card and the licence of the weights; the same wheel gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from musicnn_graph import N_FRAMES, N_MELS, draw
from musicnn_layers import TAG_NAMES, living_layers
from segue.errors import UsageError
from segue.training.networks.musicnn_files import REQUIREMENT, open_wheel, read_network

_LICENCE = "musicnn-0.1.0.dist-info/LICENSE.md"
_ID = "musicnn-msd-1"

_WHERE_FROM = {
    "id": _ID,
    "name": "musicnn",
    "licence": "ISC",
    "authors": "Jordi Pons, Xavier Serra (Music Technology Group, Universitat Pompeu Fabra)",
    "source": (
        "MSD_musicnn of the PyPI package musicnn 0.1.0; J. Pons, X. Serra, "
        '"musicnn: pre-trained convolutional neural networks for music audio tagging", '
        "ISMIR 2019, late-breaking demo"
    ),
    "training_data": "Million Song Dataset, 50 most frequent Last.fm tags",
    "description": (
        "A network that learned to predict what listeners call songs: the 200 values before its 50 tags."
    ),
    "definition": (
        "Each window: mel bands of the power spectrum, log10(1 + 10000 x), consecutive patches of 187 "
        "frames without overlap; an incomplete last patch is dropped, a window shorter than a patch is "
        "repeated. The dense layer of 200 (rectified, normalised), mean over the patches of all windows. "
        "Filters that weight decay had taken to zero are folded into their neighbours, and the timbral ones "
        "computed in the frequency domain; the published weights are otherwise unchanged."
    ),
}


def main() -> None:
    """Download, check, fold, draw, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--wheel", type=Path, help="the wheel, when it is already here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or _download(Path(folder))
        try:
            archive = open_wheel(wheel)
        except UsageError as error:
            sys.exit(str(error))
    graph = draw(living_layers(read_network(archive, "MSD_musicnn")), _WHERE_FROM)
    licence = archive.read(_LICENCE).decode()
    _write(options.output, graph, licence)


def _download(folder: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
    subprocess.run([*pip, "--dest", str(folder), REQUIREMENT], check=True)
    return next(folder.glob("*.whl"))


def _write(folder: Path, graph: bytes, licence: str) -> None:
    card = {
        "format": 1,
        **_WHERE_FROM,
        "artefact": f"{_ID}.onnx",
        "sha256": hashlib.sha256(graph).hexdigest(),
        "dim": 200,
        "sample_rate": 16_000,
        "front_end": {
            "n_fft": 512,
            "hop": 256,
            "window_length": 512,
            "n_mels": N_MELS,
            "f_min": 0.0,
            "f_max": 8_000.0,
            # log10(offset + factor * mel power)
            "compression": {"offset": 1.0, "factor": 10_000.0},
        },
        "patch_frames": N_FRAMES,
        "input": "patches",
        "outputs": {"embedding": "embedding", "tags": "tags"},
        "tag_names": list(TAG_NAMES),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{_ID}.onnx").write_bytes(graph)
    (folder / f"{_ID}.json").write_text(
        json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / f"{_ID}.LICENCE.txt").write_text(licence, encoding="utf-8")


if __name__ == "__main__":
    main()
