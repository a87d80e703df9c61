#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch load and run a program that was built from nothing.

    check_build.py PT2 CORPUS

The example docs/examples/build_mlp.c, which is built beside PT2's folder, writes its archive; PyTorch loads it, runs it
with several batches through both branches, and gives the numbers that its own modules compute from the same weights.
PyTorch saves it and loads that again, and refuses a batch outside of the range.
The programs of build_zoo.c, which is built too, are run and compared alike: trees around inputs and outputs, a loss with
gradients, an effect with its token, a stored object, operators of an extension.
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import collections
import ctypes
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

import extension_program  # noqa: E402,F401  registers the extension
import stored_objects  # noqa: E402,F401  registers the class of an object


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


Pair = collections.namedtuple("Pair", ("left", "right"))
torch.utils._pytree._register_namedtuple(Pair, serialized_type_name="zoo.Pair")  # pylint: disable=protected-access


def trees(path):
    """Dictionaries, lists and a named tuple around inputs and outputs, an argument by name."""
    program = torch.export.load(path)
    fine = True
    for batch in (2, 7):
        x, index, scale, shift = torch.randn(batch, 6), torch.tensor([4, 1]), torch.randn(1), torch.randn(1)
        found = program.module()(x, Pair(index, scale), k={"inner": [shift]})
        scaled = x[:, index] * scale
        fine = fine and set(found) == {"scaled", "rest"} and torch.equal(found["scaled"], scaled)
        fine = fine and torch.equal(found["rest"][0], x.reshape(batch, 1, -1) + shift)
        fine = fine and torch.equal(found["rest"][1][0], scaled.sum())
    return fine and any(node.name == "sum_1" for node in program.graph.nodes)


def joint(path):
    """A loss with gradients of a parameter and an input: the graph computes what autograd does."""
    program = torch.export.load(path)
    signature, weight = program.graph_signature, program.state_dict["inner.w"].detach().requires_grad_()
    x = torch.randn(3, requires_grad=True)
    (x * weight).sum().backward()
    with torch.no_grad():
        loss, to_weight, to_x = program.graph_module(weight, x)
    backward = signature.backward_signature
    named = [node.args[0] for node in program.graph.nodes if node.op == "output"][0]
    return (torch.equal(loss, (x * weight).sum()) and torch.equal(to_weight, weight.grad) and torch.equal(to_x, x.grad)
            and backward.loss_output == named[0].name
            and backward.gradients_to_parameters == {named[1].name: "inner.w"}
            and backward.gradients_to_user_inputs == {named[2].name: "x"})


def effect(path, capture):
    program = torch.export.load(path)
    x = torch.randn(2)
    tokens = len(program.graph_signature.input_tokens), len(program.graph_signature.output_tokens)
    found, printed = capture(lambda: program.module()(x))
    with tempfile.TemporaryDirectory() as folder:
        torch.export.save(program, again := str(pathlib.Path(folder, "again.pt2")))
        loaded = torch.export.load(again)
    same, twice = capture(lambda: loaded.module()(x))
    return (tokens == (1, 1) and torch.equal(found, -x) and printed.count("printed once") == 1
            and torch.equal(same, -x) and twice.count("printed once") == 1)


def stored_object(path, packed):
    x = torch.randn(2, 3)
    return torch.equal(torch.export.load(path).module()(x), torch.ops.quantized.linear_dynamic(x, packed))


def extension(path):
    """Operators of an extension, called by name and schema."""
    program, x = torch.export.load(path), torch.randn(2, 3)
    return (torch.equal(program.module()(x), x * 3 - x * 3 / 2)
            and [n.target for n in program.graph.nodes if n.name == "scale"] == [extension_program.OPS["scale"]])


def capture(function):
    """(What it gives, what it writes to the standard output, by whatever means.)"""
    sys.stdout.flush()
    with tempfile.TemporaryFile() as file:
        kept = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            found = function()
            sys.stdout.flush()
            ctypes.CDLL(None).fflush(None)
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        file.seek(0)
        return found, file.read().decode()


def zoo(pt2, folder, results):
    """What tests/torch/build_zoo.c builds."""
    quantized = torch.quantize_per_tensor(torch.randn(4, 3), 0.1, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantized, torch.randn(4))
    stored = pathlib.Path(folder, "object")
    stored.write_bytes(torch._C._pickle_save(packed))  # pylint: disable=protected-access
    maker = pathlib.Path(pt2).resolve().parent.parent / "tests/torch/build_zoo"
    subprocess.run([str(maker), folder, str(stored)], check=True)
    checks = {"trees": trees, "joint": joint, "effect": lambda path: effect(path, capture),
              "object": lambda path: stored_object(path, packed), "extension": extension}
    for name, function in checks.items():
        path = str(pathlib.Path(folder, f"{name}.pt2"))
        results[f"{name}: pt2 verify"] = subprocess.run([pt2, "verify", "-q", path], check=False).returncode == 0
        results[name] = function(path)


def scaled_object(pt2, corpus, folder):
    """docs/examples/scale_object.c: the object of an archive, decoded and encoded by a handler of its type."""
    example, made = pathlib.Path(pt2).resolve().parent.parent / "docs/scale_object", str(pathlib.Path(folder, "scaled.pt2"))
    subprocess.run([str(example), str(pathlib.Path(corpus, "extension/object.pt2")), made], check=True, stdout=subprocess.DEVNULL)
    x = torch.randn(2, 3)
    return torch.equal(torch.export.load(made).module()(x), x * 6)


def main(pt2, corpus):
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
        results["an object of the caller's type"] = scaled_object(pt2, corpus, folder)
        zoo(pt2, folder, results)
    for name, good in results.items():
        if not good:
            print("failed:", name)
    failed = sum(not good for good in results.values())
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
