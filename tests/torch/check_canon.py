#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds `pt2 canon` against PyTorch's own canonicalize.

    check_canon.py PT2 CORPUS

For every program of schema 8 in CORPUS:
  order     PyTorch's canonical form and ours call the same operators with the same arguments in the same order. Left out
            are programs where PyTorch leaves something to the place in the file
  fixed     PyTorch's canonicalize of our form keeps its order and names
            Both leave out programs that draw random numbers twice: PyTorch's order forgets which came first
  loads     PyTorch loads it, the code calls as often what it called
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import collections
import copy
import json
import logging
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402,F401  samples name it as __main__.Pt
from tally import tally  # noqa: E402
import torch  # noqa: E402
from torch._export.serde import schema, serialize  # noqa: E402

PT2 = ""


def programs(path):
    """(model, JSON, names of constants) of an archive."""
    archive = zipfile.ZipFile(path)
    names = archive.namelist()
    for name in names:
        if name == "serialized_exported_program.json" or ("/models/" in name and name.endswith(".json")):
            yield name.rsplit("/", 1)[-1][:-5], archive.read(name)


def major(data):
    version = json.loads(data).get("schema_version")
    return version["major"] if isinstance(version, dict) else version


def pt2(*words):
    return subprocess.run([PT2, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)


def ours(data):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "p.json")
        path.write_bytes(data)
        answer = pt2("canon", str(path), "-")
        if answer.returncode:
            raise RuntimeError(answer.stderr.decode())
        return answer.stdout


def theirs(data):
    """PyTorch's canonical form; names that no value has are constants of the archive, as far as it must know."""
    program = serialize._bytes_to_dataclass(schema.ExportedProgram, data)
    return spelled(serialize.canonicalize(program, unlifted(json.loads(data))))


def spelled(program):
    """As this PyTorch writes it: with the fields of its own schema."""
    return json.loads(json.dumps(serialize._dataclass_to_dict(program), cls=serialize.EnumEncoder))


def unlifted(program):
    known, used = set(), set()

    def walk(value, key=None):
        if isinstance(value, dict):
            if key == "custom_obj_values":
                known.update(value)
            if key == "as_custom_obj":
                used.add(value["name"])
            for inner, item in value.items():
                walk(item, inner)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(program)
    return used - known


def without_names_of_nodes(program):
    """What PyTorch's canonical form leaves to chance, and what ours keeps because PyTorch needs it to load."""
    program = copy.deepcopy(program)

    def walk(value):
        if isinstance(value, dict):
            if "target" in value and "inputs" in value:
                value["name"] = None
                value["metadata"] = {}
            if "custom_obj_values" in value:
                value["custom_obj_values"] = {k: dict(v, name=None) for k, v in value["custom_obj_values"].items()}
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(program)
    module = program["graph_module"]
    module["module_call_graph"] = [entry["fqn"] for entry in module["module_call_graph"]]
    module["treespec_namedtuple_fields"] = {}
    # PyTorch puts constant inputs last, whatever the caller's arguments are.
    pairs = list(zip(module["graph"]["inputs"], module["signature"]["input_specs"]))
    module["graph"]["inputs"] = [pair[0] for pair in pairs if "constant_input" not in pair[1]]
    module["signature"]["input_specs"] = [pair[1] for pair in pairs if "constant_input" not in pair[1]]
    for spec in module["signature"]["input_specs"]:
        if "as_custom_obj" in spec.get("user_input", {}).get("arg", {}):
            spec["user_input"]["arg"]["as_custom_obj"]["name"] = None
    return program


def ties(program):
    """Do two nodes of one graph look alike to PyTorch's order?"""
    found = False

    def walk(graph):
        nonlocal found
        seen = collections.Counter()
        for node in graph["nodes"]:
            for value in node["inputs"]:
                inner = value["arg"].get("as_graph")
                if inner:
                    walk(inner["graph"])
            seen[json.dumps([node["target"], [[v["name"], slots(v["arg"])] for v in node["inputs"]]])] += 1
        found = found or any(n > 1 for n in seen.values())

    walk(program["graph_module"]["graph"])
    return found


def slots(argument):
    (tag, value), = argument.items()
    items = value if isinstance(value, list) else [value]
    if tag.startswith("as_tensor"):
        return [item["name"] for item in items]
    if tag.startswith("as_sym"):
        return [item.get("as_name") for item in items]
    return [json.dumps(value)] if tag in ("as_optional_tensors", "as_nested_tensors", "as_custom_obj") else [None]


def draws_twice(program):
    drawing = 0
    for node in program["graph_module"]["graph"]["nodes"]:
        training = [item["arg"] for item in node["inputs"] if item["name"] == "train"]
        drawing += "dropout" in node["target"] and training == [{"as_bool": True}]
    return drawing > 1


def compare(name, data):
    made = ours(data)
    if draws_twice(json.loads(made)):
        yield "fixed", "skip"
        return
    program = spelled(serialize._bytes_to_dataclass(schema.ExportedProgram, made))
    if without_names_of_nodes(theirs(made)) != without_names_of_nodes(program):
        yield "fixed", name
    else:
        yield "fixed", None
    if ties(program):
        yield "order", "skip"
    elif without_names_of_nodes(theirs(data)) != without_names_of_nodes(program):
        yield "order", name
    else:
        yield "order", None


def load(path, program):
    """The module's calls, graph by graph."""
    loaded = torch.export.load(path)
    return sorted(sorted(str(node.target) for node in module.graph.nodes if node.op == "call_function")
                  for module in loaded.graph_module.modules() if isinstance(module, torch.fx.GraphModule))


def check_loading(path, folder):
    try:
        want = load(path, None)
    except Exception:  # what PyTorch does not load itself
        return "loads", "skip"
    out = str(pathlib.Path(folder, "o.pt2"))
    answer = pt2("canon", "-f", str(path), out)
    if answer.returncode:
        return "loads", f"{path}: {answer.stderr.decode()}"
    try:
        return "loads", None if load(out, None) == want else f"{path}: other calls"
    except Exception as fault:
        return "loads", f"{path}: {type(fault).__name__}: {fault}"[:300]


def check_all(corpus):
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(pathlib.Path(corpus).glob("**/*.pt2")):
            results = []
            for model, data in programs(path):
                if major(data) == 8:
                    try:
                        results += compare(f"{path} {model}", data)
                    except Exception as fault:
                        results.append(("order", f"{path} {model}: {type(fault).__name__}: {fault}"[:300]))
            if results:
                results.append(check_loading(path, folder))
            yield from results


def main():
    global PT2
    PT2 = sys.argv[1]
    return tally(check_all(sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
