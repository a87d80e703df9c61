#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that libpt2 changed are loaded and run by PyTorch, with the numbers that the change means.

    check_graph.py PT2 CORPUS

The changes are made by the C API of the library beside PT2. Last line: `N passed, N failed, N skipped`.
"""
import collections
import ctypes
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import torch
from torch.export import load

import extension_program

POINTER = ctypes.c_void_p
TENSOR = 1  # Pt2FxValueKind
USER_INPUT, BUFFER = 10, 30  # members of InputSpec


# What the sample tree_inputs takes: its sample inputs are of the module that runs.
Pt = collections.namedtuple("Pt", ("left", "right"))
torch.utils._pytree._register_namedtuple(Pt, serialized_type_name="samples.Pt")  # pylint: disable=protected-access
torch.serialization.add_safe_globals([Pt])


class Meta(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("meta", POINTER)]


class NewInput(ctypes.Structure):
    _fields_ = [("role", ctypes.c_uint), ("name", ctypes.c_char_p), ("value", Meta), ("target", ctypes.c_char_p),
                ("persistent", ctypes.c_int)]


class Library:
    """The few functions that are needed, each with its result's type."""

    def __init__(self, path, corpus):
        self.corpus = pathlib.Path(corpus)
        self.library = ctypes.CDLL(str(path))
        self.glib = ctypes.CDLL("libglib-2.0.so.0")
        self.glib.g_bytes_get_data.restype = POINTER

    def pointer(self, name, *arguments):
        function = getattr(self.library, name)
        function.restype = POINTER
        made = function(*arguments, None)
        assert made, name
        return POINTER(made)

    def get(self, name, *arguments):
        function = getattr(self.library, name)
        function.restype = POINTER
        return POINTER(function(*arguments))

    def change(self, name, *arguments):
        assert getattr(self.library, name)(*arguments, None), name

    def bytes(self, made):
        size = ctypes.c_size_t()
        return ctypes.string_at(self.glib.g_bytes_get_data(made, ctypes.byref(size)), size.value)


class Changed:
    """A program of the corpus as a graph; `save` gives the archive with what it was made to."""

    def __init__(self, library, sample, origin="torch-2.15.0"):
        self.library, self.sample = library, library.corpus / f"{origin}/{sample}.pt2"
        program = library.pointer("pt2_program_new_from_file", str(self.sample).encode(), None, None)
        self.module = library.pointer("pt2_fx_module_new", program, None)
        self.root = library.get("pt2_fx_module_get_root", self.module)

    def node(self, name):
        found = self.library.get("pt2_fx_graph_find", self.root, name.encode(), ctypes.c_ssize_t(-1))
        assert found.value, name
        return found

    def add_input(self, name, like, role=USER_INPUT, target=None):
        tensor = self.library.get("pt2_fx_node_get_tensor", self.node(like))
        new = NewInput(role, name.encode(), Meta(TENSOR, tensor), target and target.encode(), 1)
        return self.library.pointer("pt2_fx_graph_add_input", self.root, ctypes.byref(new))

    def save(self, folder, without_samples=False):
        program = self.library.pointer("pt2_fx_module_make_program", self.module, None, None)
        text = self.library.bytes(self.library.pointer("pt2_program_save", program, ctypes.c_int(0)))
        json.loads(text)
        path = pathlib.Path(folder) / f"changed-{self.sample.name}"
        with zipfile.ZipFile(self.sample) as before, zipfile.ZipFile(path, "w") as after:
            for name in before.namelist():
                is_program = re.fullmatch(r"[^/]+/models/[^/]+\.json", name)
                dropped = without_samples and "/sample_inputs/" in name
                after.writestr(name, text if is_program else b"" if dropped else before.read(name))
        return load(path)


def check(what, exported, expected, *inputs):
    with torch.no_grad():
        found = exported.module()(*inputs)
    found, expected = (value if isinstance(value, (tuple, list)) else (value,) for value in (found, expected))
    fine = len(found) == len(expected) and all(torch.equal(a, b) for a, b in zip(found, expected))
    print("ok  " if fine else "FAIL", what)
    return fine


def replaced_operator(library, folder):
    changed = Changed(library, "mlp")
    library.change("pt2_fx_node_set_target", changed.node("relu"), b"torch.ops.aten.sigmoid.default", None)
    library.change("pt2_fx_node_rename", changed.node("relu"), b"sigmoid")
    library.change("pt2_fx_node_rename", changed.node("p_a_weight"), b"p_first_weight")
    dropout, linear = changed.node("dropout"), changed.node("linear")
    library.change("pt2_fx_node_replace_uses", dropout, linear, None)
    library.change("pt2_fx_node_erase", dropout)
    exported = changed.save(folder)
    x = torch.randn(3, 8)
    weights = exported.state_dict
    with torch.no_grad():
        hidden = torch.sigmoid(torch.nn.functional.linear(x, weights["a.weight"], weights["a.bias"]))
        expected = torch.nn.functional.linear(hidden, weights["b.weight"], weights["b.bias"])
    return check("another operator, names, a node less", exported, expected, x)


def lifted_context(library, folder):
    changed = Changed(library, "contexts")
    before = load(changed.sample)
    library.change("pt2_fx_node_lift_subgraph", changed.node("linear"), ctypes.c_uint(1))
    shape = before.example_inputs[0][0].shape
    x = torch.randn(shape)
    with torch.no_grad():
        expected = before.module()(x)
    return check("a context's body in the place of the call", changed.save(folder), expected, x)


def lifted_branch(library, folder):
    changed = Changed(library, "cond_nested")
    before = load(changed.sample)
    library.change("pt2_fx_node_lift_subgraph", changed.node("cond_1"), ctypes.c_uint(1))
    x = before.example_inputs[0][0].abs() + 1
    with torch.no_grad():
        expected = before.module()(x)
    return check("a branch in the place of the condition", changed.save(folder), expected, x)


def another_input_and_output(folder, example, corpus):
    """The example docs/examples/edit_program.c: a second input, a second output from a new subgraph."""
    sample, made = corpus / "torch-2.15.0/mlp.pt2", pathlib.Path(folder, "edited.pt2")
    subprocess.run([str(example), str(sample), str(made)], check=True)
    x, gain = torch.randn(3, 8), torch.randn(3, 8)
    with torch.no_grad():
        before = load(sample).module()(x)
    again = pathlib.Path(folder, "again.pt2")
    torch.export.save(load(made), again)
    return check("an input and an output more, by a subgraph", load(again), (before, before * gain), x, gain)


def less_in_trees(library, folder):
    changed = Changed(library, "tree_inputs")
    before = load(changed.sample)
    library.change("pt2_fx_node_replace_uses", changed.node("a_q_0"), changed.node("a_p"), None)
    library.change("pt2_fx_node_erase", changed.node("a_q_0"))
    library.change("pt2_fx_node_rename", changed.node("a_p"), b"first")
    library.change("pt2_fx_node_rename", changed.node("k"), b"scale")
    library.change("pt2_fx_graph_remove_output", changed.root, ctypes.c_uint(1))
    library.change("pt2_fx_graph_add_output", changed.root, changed.node("add"))
    exported = changed.save(folder, without_samples=True)
    (a, b), keywords = before.example_inputs
    with torch.no_grad():
        expected = before.module()({"p": a["p"], "q": [a["p"]]}, b, **keywords)
        named, add = exported.module()({"p": a["p"]}, b, **keywords)
    fine = set(named) == {"sum", "pair"} and torch.equal(named["sum"], expected["sum"])
    fine = fine and torch.equal(named["pair"][0][0], expected["pair"][1][0]) and torch.equal(add, a["p"] * 2)
    print("ok  " if fine else "FAIL", "an input, an output of trees less, inputs of other names")
    return fine


def another_mutation(library, folder):
    changed = Changed(library, "mlp")
    x = changed.node("x")
    library.change("pt2_fx_graph_add_mutation", changed.root, x, changed.add_input("other", "x"))
    exported = changed.save(folder, without_samples=True)
    first, second = torch.randn(3, 8), torch.randn(3, 8)
    with torch.no_grad():
        expected = load(changed.sample).module()(first)
    fine = check("an input that the run changes", exported, expected, first, second)
    return fine and torch.equal(first, second)


def calls_of_an_extension(library, folder):
    changed = Changed(library, "demo", "extension")
    library.change("pt2_fx_node_rename", changed.node("scale"), b"larger")
    library.change("pt2_fx_node_set_target", changed.node("add"), b"torch.ops.aten.mul.Tensor", None)
    exported = changed.save(folder)
    x = torch.randn(2, 3)
    targets = [node.target for node in exported.graph.nodes if node.name == "larger"]
    fine = check("operators of a registered extension", exported, (extension_program.expected(x) - x) * x, x)
    return fine and targets == [extension_program.OPS["scale"]]


def main(pt2, corpus):
    example = pathlib.Path(pt2).resolve().parents[1] / "docs/edit_program"
    library = Library(pathlib.Path(pt2).resolve().parents[1] / "lib/libpt2-1.so", corpus)
    cases = (replaced_operator, lifted_context, lifted_branch, less_in_trees, another_mutation,
             calls_of_an_extension)
    with tempfile.TemporaryDirectory() as folder:
        results = [case(library, folder) for case in cases]
        results.append(another_input_and_output(folder, example, pathlib.Path(corpus)))
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed, 0 skipped")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
