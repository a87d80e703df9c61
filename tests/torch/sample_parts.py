# SPDX-License-Identifier: Apache-2.0
"""What some samples name and PyTorch does not ship: import it for what it registers, before a program is loaded."""
import collections

import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  registers operators that a sample calls
import torch.utils._pytree as pytree

import extension_program  # noqa: F401  registers the extension that a sample calls
import stored_objects  # noqa: F401  registers the class of a stored object

Pt = collections.namedtuple("Pt", ["left", "right"])
pytree._register_namedtuple(Pt, serialized_type_name="samples.Pt")


@torch.library.custom_op("pt2samples::scale", mutates_args=())
def scale(x: torch.Tensor, k: float, name: str, dims: list[int]) -> torch.Tensor:
    return x * k


@scale.register_fake
def _scale_shape(x, k, name, dims):
    return torch.empty_like(x)
