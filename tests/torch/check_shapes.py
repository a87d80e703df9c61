#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch judge what `pt2 shapes` says of input shapes.

    check_shapes.py PT2 CORPUS

For every program of schema 8 in CORPUS that has symbols, and for programs exported here whose guards use more of their
grammar: the shapes it was traced with, and many near them, are given to `pt2 shapes --input` and, as tensors of that
shape, to the module that PyTorch makes of the program.
  verdict   both take the shapes or both refuse them; PyTorch refuses what its guards, its check of input constraints
            or an assertion in the graph refuses. What an operator says of a shape, or an assertion of data, is no
            verdict.
  outputs   where both take them and the module ran through: each output has the shape that `pt2 shapes` gives, as far
            as it is a number.
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import collections
import itertools
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402  samples name it as __main__.Pt
import torch  # noqa: E402
import torch.utils._pytree as pytree  # noqa: E402
from torch._export.utils import _check_input_constraints_for_graph  # noqa: E402
from torch.export import Dim  # noqa: E402
from torch.export.graph_signature import InputKind  # noqa: E402

torch.set_num_threads(1)

MOST_SHAPES = 24  # for each program
LARGEST = 4096    # elements of a tensor that is made for it
FILL = 5          # the elements
NOTHING = re.compile(r" = 0 to be of the form ")
UNBACKED = re.compile(r"\bu\d+\b")  # symbols that depend on data


# ---- programs made here ----

def module(forward):
    return type("Made", (torch.nn.Module,), {"forward": forward})()


def varied(self, *args):
    return args[0].view(2, -1) + 1, args[1]


def nested(self, t, pair):
    return t["a"][0] + t["b"], pair.left.reshape(-1, 3) + pair.right


def joined(self, x, y):
    return torch.cat([x, y]).view(-1, 4), x.shape[0] // 2 + y.shape[0] % 3


def product(self, x, y):
    if x.shape[0] * x.shape[1] > 12 and x.shape[0] < 100:
        x = x + 1
    return x.reshape(-1) + y


def strided(self, x):
    return torch.nn.functional.conv1d(x, torch.ones(1, 1, 3), stride=2)


def largest(self, x, y):
    if max(x.shape[0], y.shape[0]) > 3 or x.shape[0] == 2:
        return x.sum() + y.sum()
    return x.sum()


def quotient(self, x):
    return x * 2 if x.shape[0] / 3 > 1.5 and x.shape[0] * x.shape[0] != 49 else x


def checked(self, x, y):
    torch._check(x.shape[0] % 3 == 0)
    torch._check(y.shape[0] >= 2 * x.shape[0] - 1)
    return x.sum() + y.sum()


def number(self, x, n):
    return x.narrow(0, 0, n)


def derived(self, x, y):
    return x[:-1] + y


def fourfold(self, x):
    return x.view(-1, 4)


def made_programs():
    """(name, ExportedProgram)."""
    auto, r = Dim.AUTO, torch.randn
    d = Dim("d", min=3, max=64)
    rows = [
        ("varied", varied, (r(6, 4), r(3)), {"args": ({0: auto}, {0: auto})}),
        ("nested", nested, ({"a": [r(6)], "b": r(6)}, Pt(r(9), r(3, 3))),
         {"t": {"a": [{0: auto}], "b": {0: auto}}, "pair": Pt({0: auto}, {0: auto})}),
        ("joined", joined, (r(6), r(10)), ({0: auto}, {0: auto})),
        ("product", product, (r(6, 4), r(24)), ({0: auto, 1: auto}, {0: auto})),
        ("strided", strided, (r(1, 1, 20),), ({2: auto},)),
        ("largest", largest, (r(6), r(5)), ({0: auto}, {0: auto})),
        ("quotient", quotient, (r(6),), ({0: auto},)),
        ("checked", checked, (r(6), r(15)), ({0: auto}, {0: auto})),
        ("number", number, (r(6), 3), ({0: auto}, auto)),
        ("derived", derived, (r(7), r(6)), ({0: d + 1}, {0: d})),
        ("fourfold", fourfold, (r(8),), ({0: 4 * Dim("k", max=50)},)),
    ]
    for name, forward, args, dims in rows:
        for strict in (False, True):
            yield f"{name}-{strict}", torch.export.export(module(forward), args, dynamic_shapes=dims, strict=strict)


# ---- shapes to try ----

def hints(program):
    """What each user input was traced with: a tensor's meta value with its sizes, an integer, or None."""
    for node in user_inputs(program):
        value = node.meta.get("val")
        if isinstance(value, torch.Tensor):
            yield value, [hint(size) for size in value.shape]
        elif isinstance(value, torch.SymInt):
            yield value, hint(value)
        else:
            yield value, None


def hint(size):
    return size.node.hint if isinstance(size, torch.SymInt) else size


def user_inputs(program):
    nodes = [node for node in program.graph.nodes if node.op == "placeholder"]
    kinds = [spec.kind for spec in program.graph_signature.input_specs]
    return [node for node, kind in zip(nodes, kinds) if kind is InputKind.USER_INPUT]


def variations(base, pick):
    """Shapes near BASE, a list with a list of sizes, an integer or None for each input."""
    yield base
    places = [(i, j) for i, sizes in enumerate(base) if sizes is not None
              for j in (range(len(sizes)) if isinstance(sizes, list) else [None])]
    changes = [(place, change) for place in places for change in (-1, 1, 2, 3, 6, 97)]
    pairs = [[a, b] for a, b in itertools.combinations(places, 2)]
    tries = [[one] for one in changes]
    tries += [[(place, change) for place in pair] for pair in pairs for change in (-1, 1, 2)]
    tries += [[(pair[0], 2 * change), (pair[1], change)] for pair in pairs for change in (-1, 1, 3)]
    tries += [[(place, ("to", size))] for place in places for size in (0, 1, 2, 9)]
    pick.shuffle(tries)
    for changed in tries[:MOST_SHAPES]:
        shapes = [list(sizes) if isinstance(sizes, list) else sizes for sizes in base]
        for (i, j), change in changed:
            old = shapes[i] if j is None else shapes[i][j]
            new = change[1] if isinstance(change, tuple) else max(old + change, 0)
            if j is None:
                shapes[i] = new
            else:
                shapes[i][j] = new
        yield shapes


# ---- the two verdicts ----

def ours(pt2, path, names, shapes):
    """(verdict, JSON) of `pt2 shapes`."""
    words = [f"--input={name}=" + ",".join(map(str, sizes if isinstance(sizes, list) else [sizes]))
             for name, sizes in zip(names, shapes) if sizes is not None]
    answer = subprocess.run([pt2, "shapes", "--json", path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=60)
    if answer.returncode not in (0, 1):
        raise AssertionError(answer.stderr.decode())
    return answer.returncode == 0, json.loads(answer.stdout)


def arguments(program, shapes):
    """(args, kwargs) with tensors of SHAPES, or None if one would be large."""
    flat = []
    for (value, _), sizes in zip(hints(program), shapes):
        if isinstance(value, torch.Tensor) and sizes is not None:
            if torch.Size(sizes).numel() > LARGEST:
                return None
            flat.append(torch.full(sizes, FILL, dtype=value.dtype))
        else:
            flat.append(sizes if sizes is not None else value)
    return pytree.tree_unflatten(flat, program.call_spec.in_spec)


def is_verdict(error):
    """Is it said of shapes by what PyTorch made for that?"""
    text = str(error)
    if UNBACKED.search(text):
        return False
    return (isinstance(error, AssertionError) and text.startswith("Guard failed")
            or text.startswith("Runtime assertion failed") or "Invalid value range" in text
            or text.startswith("Expected input") or text.startswith("Unexpected number of dimensions"))


def torchs(program, made, args, kwargs):
    """(verdict, outputs): None for what it says nothing of."""
    try:
        outputs = made(*args, **kwargs)
    except Exception as error:
        if is_verdict(error):
            return False, None
        if isinstance(error, (NameError, IndexError)):  # its own text of guards does not run
            return None, None
        outputs = None
    # The module tests guards, and files before 8.14 hold none: x=[12] and y=[7] pass them where x is 2*s17 and y is
    # s17. Without guards it tests constraints, which take 0 for no 2*s17, and guards do.
    try:
        _check_input_constraints_for_graph(user_inputs(program), pytree.tree_flatten_with_path((args, kwargs))[0],
                                           program.range_constraints)
    except RuntimeError as error:
        if not is_verdict(error):
            raise
        return NOTHING.search(str(error)) is not None, None
    return True, outputs


def same_shapes(program, outputs, answer):
    """Have OUTPUTS the shapes of ANSWER, as far as those are numbers?"""
    flat = pytree.tree_leaves(outputs)
    for name, value in zip(program.graph_signature.user_outputs, flat):
        shape = answer["outputs"].get(name) if isinstance(name, str) else None
        got = list(value.shape) if isinstance(value, torch.Tensor) else value
        if shape is None or isinstance(shape, str) or isinstance(got, list) != isinstance(shape, list):
            continue
        if isinstance(shape, list):
            if len(shape) != len(got) or any(a != b for a, b in zip(shape, got) if not isinstance(a, str)):
                return False
        elif shape != got:
            return False
    return True


# ---- all of it ----

def check_program(pt2, path, program, pick):
    """Yields (what, passed or None)."""
    base = [sizes for _, sizes in hints(program)]
    names = [node.name for node in user_inputs(program)]
    if not program.range_constraints and len(names) > 2:
        base = base[:2] + [None] * (len(base) - 2)
    made = program.module()
    for shapes in variations(base, pick):
        given = arguments(program, shapes)
        if given is None:
            continue
        verdict, answer = ours(pt2, path, names, shapes)
        theirs, outputs = torchs(program, made, *given)
        what = " ".join(f"{name}={sizes}" for name, sizes in zip(names, shapes))
        yield f"{what}: we say {verdict}, PyTorch {theirs}", None if theirs is None else verdict == theirs
        if verdict and outputs is not None:
            yield f"{what}: outputs", same_shapes(program, outputs, answer)


def programs(corpus, folder):
    """(name, path, program) of those that PyTorch loads."""
    for top, _, names in sorted(os.walk(corpus)):
        for name in sorted(names):
            if not name.endswith(".pt2"):
                continue
            path = os.path.join(top, name)
            try:
                program = torch.export.load(path)
            except Exception:
                continue
            if program.range_constraints and len(list(program.graph.nodes)) < 400:
                yield os.path.relpath(path, corpus), path, program
    for name, program in made_programs():
        path = os.path.join(folder, name + ".pt2")
        torch.export.save(program, path)
        yield name, path, torch.export.load(path)


def main():
    pt2, corpus = sys.argv[1:3]
    count = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, path, program in programs(corpus, folder):
            try:
                results = list(check_program(pt2, path, program, random.Random(name)))
            except Exception as error:
                results = [(f"{type(error).__name__}: {error}", False)]
            for what, good in results:
                count[good] += 1
                if good is False:
                    print(f"FAILED {name}: {what}", flush=True)
    print(f"{count[True]} passed, {count[False]} failed, {count[None]} skipped")
    return 0 if count[False] == 0 and count[True] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
