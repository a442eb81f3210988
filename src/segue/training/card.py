"""The page in an encoder's folder that tells people what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segue.encoders.folders import window_samples


def card_page(header: Mapping[str, Any]) -> str:
    """The Markdown page that goes with a header (see `segue.training.export`)."""
    heard = header["input"]
    length_s = heard["n_frames"] * heard["hop"] / heard["sample_rate"]
    labels = header["labels"]
    facts = {
        "id": f"`{header['id']}`",
        "hears": f"stretches of {length_s:.1f} s at {heard['sample_rate']:,} Hz",
        "gives": f"{header['dim']} numbers a recording"
        + (f", and how likely each of {len(labels)} labels is" if labels else ""),
        "labels": ", ".join(labels) or "none",
        "network": _said(header["network"]),
        "learned from": _said(header["data"]),
        "licence": f"{header['licence']}. {header['licence_notes']}".strip(),
        "comes from": header["source"],
    }
    lines = [f"# {header['name']}", "", header["description"], "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {cell(text)} |" for name, text in facts.items()]
    if header["metrics"]:
        lines += ["", "## How good it is", "", "| figure | value |", "| --- | --- |"]
        lines += [f"| {cell(name)} | {cell(_value(value))} |" for name, value in header["metrics"].items()]
    lines += [
        "",
        "## How to use it",
        "",
        "```sh",
        "segue embed MUSIC --encoder THIS_FOLDER --output vectors.npz",
        "segue scan MUSIC --encoder THIS_FOLDER",
        "```",
        "",
        "`encoder.json` holds all of this for programs, `network.onnx` is the network: power spectra "
        f"`(n, {heard['n_frames']}, {1 + heard['n_fft'] // 2})` float32 of centred transforms under a Hann "
        f"window of {window_samples(heard)} samples, one every {heard['hop']} samples.",
    ]
    return "\n".join(lines) + "\n"


def _said(facts: Mapping[str, object]) -> str:
    told = {name: value for name, value in facts.items() if value not in ({}, "", None)}
    return ", ".join(f"{name}: {_value(value)}" for name, value in told.items())


def _value(value: object) -> str:
    """
    >>> _value(0.123456), _value(12000), _value({"filters": 64}), _value([0.5, 0.25, 0.75])
    ('0.1235', '12,000', 'filters 64', '0.5 (0.25 to 0.75)')
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        first, *interval = map(_value, value)
        return f"{first} ({' to '.join(interval)})" if interval else first
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def cell(text: str) -> str:
    """Text that stays in its cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())
