#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch load and run a program that was built from nothing.

    check_build.py PT2 CORPUS

The example docs/examples/build_mlp.c, which is built beside PT2's folder, writes its archive; PyTorch loads it, runs it
with several batches through both branches, and gives the numbers that its own modules compute from the same weights.
PyTorch saves it and loads that again, and refuses a batch outside of the range.
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

import torch  # noqa: E402
from torch.nn import functional  # noqa: E402


def expected(weights, x):
    hidden = functional.relu(functional.linear(x, weights["first.weight"], weights["first.bias"]))
    y = functional.linear(hidden, weights["second.weight"], weights["second.bias"])
    return y.sin() if x.sum() > 0 else y.cos()


def weights_of(length):
    """What make_weights() of the example gives."""
    numbers = (torch.arange(length, dtype=torch.int64) * 2654435761) % 2**32
    return (numbers >> 8).to(torch.float32) / float(1 << 24) - 0.5


def same_numbers(program):
    module, seen = program.module(), set()
    for batch in (2, 3, 17, 1000):
        for sign in (1, -1):
            x = torch.rand(batch, 8) * sign
            seen.add(bool(x.sum() > 0))
            if not torch.equal(module(x), expected(program.state_dict, x)):
                return False
    return seen == {True, False}


def refuses(program, x):
    try:
        program.module()(x)
    except Exception:  # pylint: disable=broad-except
        return True
    return False


def main(pt2, _corpus):
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        path, again = (str(pathlib.Path(folder, name)) for name in ("built.pt2", "again.pt2"))
        example = pathlib.Path(pt2).resolve().parent.parent / "docs/build_mlp"
        subprocess.run([str(example), path], check=True, stdout=subprocess.DEVNULL)
        results["pt2 verify"] = subprocess.run([pt2, "verify", "-q", path], check=False).returncode == 0
        program = torch.export.load(path)
        results["weights"] = torch.equal(program.state_dict["first.weight"].flatten(), weights_of(128))
        results["numbers"] = same_numbers(program)
        results["range"] = refuses(program, torch.rand(2000, 8)) and refuses(program, torch.rand(3, 7))
        torch.export.save(program, again)
        results["saved by PyTorch"] = same_numbers(torch.export.load(again))
        results["decomposed"] = same_numbers(program.run_decompositions())
    for name, good in results.items():
        if not good:
            print("failed:", name)
    failed = sum(not good for good in results.values())
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
