#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does PyTorch read what `pt2 strip --minify` spells, and compute the same?

    check_strip.py PT2 CORPUS

For every archive of schema 8 in CORPUS that PyTorch loads:
  loads     what is minified loads, takes the inputs of the same names and calls the same operators in the same order
  computes  it gives the same numbers for the inputs that it was exported with, where the program runs with those
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import logging
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402,F401  samples name it as __main__.Pt
from tally import tally  # noqa: E402
import torch  # noqa: E402


def calls(program):
    """Graph by graph in order of their names, which stay."""
    return [[str(node.target) for node in module.graph.nodes if node.op == "call_function"]
            for _, module in sorted(program.graph_module.named_modules()) if isinstance(module, torch.fx.GraphModule)]


def run(program):
    """The numbers as text; None if the program does not run with what it was exported with."""
    arguments, keywords = program.example_inputs or ((), {})
    torch.manual_seed(0)
    try:
        results = program.module()(*arguments, **keywords)
        return [item.tolist() if isinstance(item, torch.Tensor) else item for item in torch.utils._pytree.tree_leaves(results)]
    except Exception:
        return None


def check(pt2, path, out):
    """(what, fault) of each check; fault None if it is good, "skip" if there was nothing to check."""
    try:
        program = torch.export.load(path)
    except Exception:
        return [("loads", "skip")]
    answer = subprocess.run([pt2, "strip", "-q", "-f", "--minify", path, out], stderr=subprocess.PIPE, timeout=120, check=False)
    if answer.returncode:
        # Majors 1 to 7 have no structs.
        return [("loads", "skip" if b"PT2-P002" in answer.stderr else answer.stderr.decode())]
    try:
        small = torch.export.load(out)
    except Exception as fault:
        return [("loads", f"{type(fault).__name__}: {fault}"[:300])]
    fault = None
    if calls(small) != calls(program):
        fault = "other calls"
    elif small.graph_signature.user_inputs != program.graph_signature.user_inputs:
        fault = "other names of inputs"
    want, got = run(program), run(small)
    same = "skip" if want is None else None if repr(got) == repr(want) else f"{str(got)[:100]}, not {str(want)[:100]}"
    return [("loads", fault), ("computes", same)]


def check_all(pt2, corpus):
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(pathlib.Path(corpus).glob("**/*.pt2")):
            for what, fault in check(pt2, str(path), str(pathlib.Path(folder, "o.pt2"))):
                yield what, fault if fault in (None, "skip") else f"{path}: {fault}"


if __name__ == "__main__":
    sys.exit(tally(check_all(*sys.argv[1:])))
