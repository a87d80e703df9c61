# SPDX-License-Identifier: Apache-2.0
"""The schema and the JSON reader of PyTorch releases, run from their own sources inside a newer PyTorch.

A release is a folder with torch/_export/serde/ as its package has it; nothing else of it is needed. What is run is its schema.py and
union.py, and of its serialize.py the reader and the tables of numbers. Nothing of a release is in this repository:
$PT2_TORCH_RELEASES names the folder with the releases, torch-2.6.0 and the like (tools/torch_releases fills it).
"""
import __future__
import ast
import dataclasses
import os
import pathlib
import re
import sys
import types
import typing

import torch
import torch._export.serde.serialize  # noqa: F401  loads the modules that a release's stand in for

SERDE = "torch._export.serde."
READER = {"_dict_to_dataclass", "_resolve_schema_cls", "_reverse_map"}
TABLE = re.compile(r"_(TORCH_TO_SERIALIZE|SERIALIZE_TO_TORCH)_[A-Z_]+$")


def folders():
    """{"2.6": folder of its serde}, oldest first."""
    root = pathlib.Path(os.environ.get("PT2_TORCH_RELEASES") or pathlib.Path.home() / ".cache/libpt2/torch-releases")
    found = {}
    for path in sorted(root.glob("torch-*/torch/_export/serde/schema.py")):
        number = re.match(r"torch-(\d+)\.(\d+)", path.parents[3].name)
        found[int(number[1]), int(number[2])] = path.parent
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted(found)}


def is_reader(statement):
    if isinstance(statement, ast.FunctionDef):
        return statement.name in READER
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and TABLE.match(target.id) for target in targets)


def run(path, name, wanted=lambda statement: True, annotations=0, names=None):
    """A module of those statements of PATH that are WANTED, with NAMES there from the start."""
    module, tree = types.ModuleType(name), ast.parse(path.read_text(encoding="utf-8"))
    module.__dict__.update(names or {})
    tree.body = [statement for statement in tree.body if wanted(statement)]
    sys.modules[name] = module
    exec(compile(tree, str(path), "exec", flags=annotations, dont_inherit=True), module.__dict__)
    return module


class Release:
    """version: (8, 2). types: its classes by name."""

    def __init__(self, name, folder):
        self.name, own = name, f"torch_{name.replace('.', '_')}_"
        todays = {part: sys.modules[SERDE + part] for part in ("union", "schema")}
        try:
            if (folder / "union.py").exists():
                run(folder / "union.py", SERDE + "union")
            schema = run(folder / "schema.py", SERDE + "schema")
        finally:
            sys.modules.update({SERDE + part: module for part, module in todays.items()})
        self.union = schema._Union
        self.types = {k: v for k, v in vars(schema).items()
                      if isinstance(v, type) and v.__module__ == SERDE + "schema" and not k.startswith("_")}
        # Under a name of its own: what looks up hints of types goes by the name of the module.
        sys.modules[own + "schema"] = schema
        for kind in self.types.values():
            kind.__module__ = own + "schema"
        said = schema.SCHEMA_VERSION
        self.version = said if isinstance(said, tuple) else (said, 0)
        names = {**{k: getattr(typing, k) for k in ("Annotated", "Any", "Optional", "Union")}, **vars(schema),
                 **{"typing": typing, "types": types, "dataclasses": dataclasses, "torch": torch, "schema": schema}}
        self.reader = run(folder / "serialize.py", own + "serialize", is_reader, __future__.annotations.compiler_flag,
                          {k: v for k, v in names.items() if not k.startswith("__")})

    def read(self, kind, value):
        """What its reader makes of VALUE, parsed JSON, as the type named KIND."""
        return self.reader._dict_to_dataclass(self.types[kind], value)

    def used_numbers(self, kind):
        """The numbers of the enum named KIND that its reader has a meaning for; None if it has no table of them."""
        for name, table in vars(self.reader).items():
            if name.startswith("_TORCH_TO_SERIALIZE_") and self.types[kind] in map(type, table.values()):
                return {int(number) for number in table.values()}
        return None
