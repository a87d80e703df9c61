#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch load and run what `pt2` makes of programs of earlier releases.

    check_upgrade.py PT2 CORPUS

For every archive in CORPUS that the PyTorch of its day could load: `convert --schema=8.20`, then PyTorch loads what
came out and, on inputs of ones, computes the numbers that are in NAME.expect.json: those of the release that made the
program. Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import json
import logging
import math
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402,F401  samples name it as __main__.Pt
import torch  # noqa: E402
import torch.utils._pytree as pytree  # noqa: E402

torch.set_num_threads(1)


# The signs of singular vectors are free, and differ from one processor to the next.
NOT_COMPARED = {"vmap_complex"}


def user_values(program):
    """What PyTorch says of each input of the user: a fake tensor, a symbol or a constant."""
    names = {spec.arg.name for spec in program.graph_signature.input_specs if spec.kind.name == "USER_INPUT"}
    return [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder" and node.name in names]


def inputs_of_ones(program, described):
    """DESCRIBED: a shape for a tensor of ones, or the value itself."""
    values = user_values(program)
    flat = [torch.ones(what, dtype=value.dtype) if isinstance(what, list) else what
            for what, value in zip(described, values)]
    tree = pytree.tree_unflatten(flat, program.call_spec.in_spec)
    with_keywords = isinstance(tree, tuple) and len(tree) == 2 and isinstance(tree[1], dict)
    return tree if with_keywords else (tree, {})


def numbers(tensor):
    """Its first 64 elements, complex ones as pairs."""
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.to(torch.complex64))
    return [float(number) for number in tensor.detach().double().flatten()[:64]]  # subclasses have no tolist()


def near(found, wanted):
    wanted = float(wanted)
    return (found == wanted or (math.isnan(found) and math.isnan(wanted))
            or math.isclose(found, wanted, rel_tol=2e-3, abs_tol=2e-4))


def differing_output(outputs, wanted):
    """A word on the first output that is not as WANTED, or None."""
    if len(outputs) != len(wanted):
        return f"{len(outputs)} outputs, not {len(wanted)}"
    for i, (output, want) in enumerate(zip(outputs, wanted)):
        if not isinstance(want, dict):
            continue
        if not isinstance(output, torch.Tensor) or list(output.shape) != want["shape"]:
            return f"output {i}: another shape than {want['shape']}"
        if str(output.dtype) != want["dtype"]:
            return f"output {i}: {output.dtype}, not {want['dtype']}"
        if not all(map(near, numbers(output), want["values"])):
            return f"output {i}: other numbers"
    return None


def upgrade(pt2, path, out):
    done = subprocess.run([pt2, "convert", "-f", "--schema=8.20", path, out], capture_output=True, text=True, timeout=120)
    return None if done.returncode == 0 else done.stderr.strip()


def fault(pt2, path, expected, out):
    """What is wrong with the upgrade of PATH, or None."""
    refused = upgrade(pt2, path, out)
    if refused is not None:
        return refused
    program = torch.export.load(out)
    if "ones_outputs" not in expected or os.path.basename(path).removesuffix(".pt2") in NOT_COMPARED:
        return None
    args, kwargs = inputs_of_ones(program, expected["ones_inputs"])
    return differing_output(pytree.tree_leaves(program.module()(*args, **kwargs)), expected["ones_outputs"])


def expectation(path):
    expected = path.removesuffix(".pt2") + ".expect.json"
    if not os.path.exists(expected):
        return {}
    with open(expected, encoding="utf-8") as file:
        return json.load(file)


def main():
    pt2, corpus = sys.argv[1:]
    passed = failed = skipped = 0
    archives = sorted(os.path.join(folder, name) for folder, _, names in os.walk(corpus) for name in names
                      if name.endswith(".pt2"))
    for path in archives:
        expected = expectation(path)
        if not expected.get("loaded"):
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                wrong = fault(pt2, path, expected, os.path.join(folder, "out.pt2"))
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}"
        passed += wrong is None
        failed += wrong is not None
        if wrong is not None:
            print(f"{path}: {wrong[:300]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
