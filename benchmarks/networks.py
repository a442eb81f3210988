"""Networks compared: how long one input takes in ONNX Runtime and in eager torch, on equally many threads.

    python benchmarks/networks.py                        # Dieleman's network over 30 s, 1 and 2 threads
    python benchmarks/networks.py --networks all --threads 1
    python benchmarks/networks.py --networks gao-cnn,musicnn --inputs 8

Needs no data and `segue[train]`. Weights are random, so is the input: neither changes what a layer costs.
The two take turns, so that a busy machine slows both; the ratio is that of the medians, above 1 where ONNX
Runtime is faster. The largest difference between their embeddings, relative to the largest value, is a check.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import torch

from segue.training.networks.registry import build_network, network_names, network_spec
from segue.training.onnx_graph import onnx_graph

_WARM_UP = 3
_UNTRAINED = {"pohl-choi", "pohl-xception"}
"""Networks whose published weights a user may not have."""


def compared(name: str, *, n_inputs: int, threads: int, rounds: int) -> tuple[str, ...]:
    """One line of the table."""
    spec = network_spec(name)
    shape = (spec.n_frames, spec.hears.n_mels) if spec.hears else (518,)
    torch.manual_seed(0)
    trunk = build_network(name, shape=shape, settings={"mode": "untrained"} if name in _UNTRAINED else {})
    trunk.eval()
    inputs = torch.randn(n_inputs, *shape)
    graph = onnx_graph(trunk, torch.zeros(2, *shape), takes="inputs", gives=["embedding"])
    session = _session(graph, threads)
    given = {"inputs": inputs.numpy()}

    torch.set_num_threads(threads)
    with torch.inference_mode():
        ours, theirs = trunk(inputs).numpy(), session.run(None, given)[0]
        eager, runtime = medians_ms([lambda: trunk(inputs), lambda: session.run(None, given)], rounds=rounds)
    difference = np.abs(ours - theirs).max() / np.abs(ours).max()
    seconds = f"{spec.n_frames * spec.hears.hop / spec.hears.sample_rate:.0f}" if spec.hears else "–"
    return (
        name, seconds, str(n_inputs), str(threads),
        f"{eager:.1f}", f"{runtime:.1f}", f"{eager / runtime:.2f}", f"{difference:.0e}",
    )  # fmt: skip


def medians_ms(actions: list[Callable[[], object]], *, rounds: int) -> list[float]:
    """What each takes, in ms; they take turns."""
    took: list[list[float]] = [[] for _ in actions]
    for number in range(_WARM_UP + rounds):
        for times, action in zip(took, actions, strict=True):
            start = time.perf_counter()
            action()
            if number >= _WARM_UP:
                times.append((time.perf_counter() - start) * 1000)
    return [statistics.median(times) for times in took]


def _session(graph: bytes, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait in a loop for the next run would slow torch's.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--networks", default="rubio-dieleman", help="names by commas; or all")
    parser.add_argument("--threads", default="1,2", help="numbers of threads, by commas")
    parser.add_argument("--inputs", type=int, default=1, help="heard at a time")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    names = network_names() if options.networks == "all" else options.networks.split(",")
    titles = ("network", "s", "inputs", "threads", "torch ms", "ONNX ms", "ratio", "difference")
    print(f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}", flush=True)
    for name in names:
        for threads in options.threads.split(","):
            line = compared(name, n_inputs=options.inputs, threads=int(threads), rounds=options.rounds)
            print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
