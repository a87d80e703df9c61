#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch load and run what `pt2 edit` makes of programs of this release.

    check_edit.py PT2 CORPUS

For every archive in CORPUS that PyTorch loads:
  weights   with its own weights taken from a copy, and a parameter, an input and a result renamed: PyTorch loads it, has the new name in the old
            one's place, and computes what it computed
  zeros     with a parameter that is zero by now: PyTorch has zeros there
  drop      of an archive of several programs, each is dropped in turn: PyTorch loads the others, which compute the same
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import collections
import logging
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402,F401  samples name it as __main__.Pt
import torch  # noqa: E402
import torch.utils._pytree as pytree  # noqa: E402
from torch.export.pt2_archive._package import load_pt2  # noqa: E402

PT2 = ""


def edit(*words):
    answer = subprocess.run([PT2, "edit", "-q", "-f", *map(str, words)], stderr=subprocess.PIPE, timeout=120, check=False)
    if answer.returncode:
        raise RuntimeError(answer.stderr.decode())


def compute(program):
    args, kwargs = program.example_inputs
    torch.manual_seed(0)
    return pytree.tree_leaves(program.module()(*args, **kwargs))


def same(ours, theirs):
    return len(ours) == len(theirs) and all(
        torch.equal(torch.nan_to_num(a), torch.nan_to_num(b)) if isinstance(a, torch.Tensor) else a == b
        for a, b in zip(ours, theirs))


def need(condition, what):
    if not condition:
        raise RuntimeError(what)


def runs(path):
    """The programs of an archive that can be loaded and run at all, with what they compute."""
    try:
        programs = load_pt2(str(path)).exported_programs
        return {name: (program, compute(program)) for name, program in programs.items() if program.example_inputs}
    except Exception:  # noqa: BLE001  whatever it is, it is no matter of ours
        return {}


def renamed_values(program):
    """Options for an input and a result."""
    nodes = list(program.graph.nodes)
    return [f"--rename-value={nodes[i].name}:renamed_{i}" for i in (0, -2) if nodes[i].op != "get_attr"]


def check_weights(path, program, want, folder):
    names = [name for name, tensor in program.named_parameters() if type(tensor) is torch.nn.Parameter]
    if not names:
        return False
    copy, out = folder / "copy.pt2", folder / "out.pt2"
    copy.write_bytes(path.read_bytes())
    edit(f"--weights={copy}", f"--rename={names[0]}:renamed_by.test", *renamed_values(program), path, out)
    changed = torch.export.load(str(out))
    need("renamed_by.test" in changed.state_dict and names[0] not in changed.state_dict, "the name is not there")
    need(torch.equal(changed.state_dict["renamed_by.test"], program.state_dict[names[0]]), "another tensor")
    need(same(compute(changed), want), "it computes something else")
    return True


def check_zeros(path, program, folder):
    from safetensors.torch import save_file
    plain = {name: tensor for name, tensor in program.state_dict.items() if type(tensor) in (torch.nn.Parameter, torch.Tensor)}
    shared = collections.Counter(tensor.untyped_storage().data_ptr() for tensor in plain.values())
    for name, tensor in plain.items():
        if isinstance(tensor, torch.nn.Parameter) and shared[tensor.untyped_storage().data_ptr()] == 1 and tensor.is_contiguous():
            weights, out = folder / "zeros.safetensors", folder / "out.pt2"
            save_file({name: torch.zeros_like(tensor)}, str(weights))
            edit(f"--weights={weights}", path, out)
            changed = torch.export.load(str(out))
            need(not changed.state_dict[name].any(), "not zero")
            compute(changed)
            return True
    return False


def check_drop(path, found, folder):
    for name in found:
        out = folder / "out.pt2"
        edit(f"--drop-program={name}", path, out)
        left = runs(out)
        need(set(left) == set(found) - {name}, f"without {name}: {sorted(left)}")
        need(all(same(left[other][1], found[other][1]) for other in left), f"without {name}: another result")


def judge(path, folder):
    """How many checks were made."""
    found = runs(path)
    if len(found) > 1:
        check_drop(path, found, folder)
        return len(found)
    n = 0
    for program, want in found.values():
        n += check_weights(path, program, want, folder)
        n += check_zeros(path, program, folder)
    return n


def main(pt2, corpus):
    global PT2  # noqa: PLW0603
    PT2 = pt2
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as name:
        for path in sorted(pathlib.Path(corpus).glob(f"torch-{torch.__version__.split('+')[0]}/*.pt2")):
            try:
                n = judge(path, pathlib.Path(name))
                passed, skipped = passed + n, skipped + (n == 0)
            except RuntimeError as error:
                failed += 1
                print(f"{path}: {error}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
