# SPDX-License-Identifier: Apache-2.0
"""A program that is given a stored object of a class of Python, as PyTorch 2.15 writes it:
tests/corpus/extension/object.pt2.

    python -c "import stored_objects; stored_objects.main('object.pt2')"

PyTorch loads it only where the class is registered: import this module first.
"""
import torch
from torch._library.opaque_object import CustomClassBase, get_opaque_type_name, register_custom_class


class Gain(CustomClassBase):
    def __init__(self, factor):
        self.factor = factor


register_custom_class(Gain, typ="symbolic")
SCHEMA = f"(Tensor x, {get_opaque_type_name(Gain)} gain) -> Tensor"


@torch.library.custom_op("demo::gain", mutates_args=(), schema=SCHEMA)
def multiply(x, gain):
    return x * gain.factor


@multiply.register_fake
def _shape(x, _gain):
    return torch.empty_like(x)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = Gain(3)

    def forward(self, x):
        return torch.ops.demo.gain(x, self.gain)


def main(path):
    program = torch.export.export(Model(), (torch.ones(2, 3),), strict=False)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    torch.export.save(program, path)
    assert torch.equal(torch.export.load(path).module()(torch.ones(2, 3)), torch.full((2, 3), 3.0))
