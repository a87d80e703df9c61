# SPDX-License-Identifier: Apache-2.0
"""A program that calls operators of a registered extension, as PyTorch 2.15 writes it: tests/corpus/extension/demo.pt2.

    extension_program.py FOLDER    writes demo.pt2 and demo.expect.json there

PyTorch loads it only where the extension is registered: import this module first.
"""
import json
import operator
import pathlib
import sys

import torch
from torch._export.serde.serialize import ExtensionHandler, register_extension
from torch._export.verifier import Verifier

# Names of operators and what they take and give, as `pt2 --ops` reads it behind `#demo:`.
SCHEMAS = {
    "scale": "scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor",
    "halves": "halves(Tensor self) -> (Tensor, Tensor)",
}


class DemoOp:
    """What a backend puts in the place of operators: none of PyTorch's, but something of its own."""

    def __init__(self, name):
        self.name = self.__name__ = name
        self.__module__ = "_demo"  # what stands before the name in code as text

    def __call__(self, tensor, *args, dims=()):
        return tensor * args[0] if self.name == "scale" else (tensor / 2, tensor - tensor / 2)


class Handler(ExtensionHandler):
    @classmethod
    def namespace(cls):
        return "demo"

    @classmethod
    def to_op_name(cls, op):
        return op.name

    @classmethod
    def from_op_name(cls, name):
        return OPS[name]

    @classmethod
    def op_schema(cls, op):
        return torch._C.parse_schema("demo::" + SCHEMAS[op.name])  # pylint: disable=protected-access


class DemoVerifier(Verifier):
    dialect = "DEMO"

    def allowed_op_types(self):
        return super().allowed_op_types() + (DemoOp,)


OPS = {name: DemoOp(name) for name in SCHEMAS}
register_extension(DemoOp, Handler)


class Model(torch.nn.Module):
    def forward(self, x):
        return x.mul(2.0).relu() + x


def expected(x):
    """What the program computes: relu() became the second half."""
    return x * 2.0 / 2 + x


def call(graph, before, target, args, kwargs, val):
    with graph.inserting_before(before):
        node = graph.call_function(target, args, kwargs)
    node.meta = {**before.meta, "val": val}
    return node


def make():
    program = torch.export.export(Model(), (torch.arange(6.0).reshape(2, 3) - 2,))
    graph = program.graph_module.graph
    for node in list(graph.nodes):
        node.meta.pop("stack_trace", None)
        val = node.meta.get("val")
        if node.target is torch.ops.aten.mul.Tensor:
            new = call(graph, node, OPS["scale"], (node.args[0], 2.0), {"dims": []}, val)
        elif node.target is torch.ops.aten.relu.default:
            pair = call(graph, node, OPS["halves"], (node.args[0],), {}, (val, val))
            new = call(graph, node, operator.getitem, (pair, 1), {}, val)
        else:
            continue
        node.replace_all_uses_with(new)
        graph.erase_node(node)
    program.graph_module.recompile()
    return program._update(  # pylint: disable=protected-access
        program.graph_module, program.graph_signature, verifiers=[DemoVerifier])


def main(folder):
    path = pathlib.Path(folder, "demo.pt2")
    torch.export.save(make(), str(path))
    loaded = torch.export.load(str(path))
    found = loaded.module()(torch.ones(2, 3))
    said = {"fx_code": {"": loaded.graph_module.code}, "fx_code_by": "2.15.0", "loaded": True, "ones_inputs": [[2, 3]],
            "ones_outputs": [{"dtype": str(found.dtype), "shape": list(found.shape), "values": found.flatten().tolist()}],
            "state_dict": {}, "constants": {}, "torch": "2.15.0"}
    path.with_suffix(".expect.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
