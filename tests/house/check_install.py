#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `meson install` lays down is enough: docs/examples/list_nodes.c compiles against it, through
pkg-config alone, and prints the nodes that `pt2 ops` counts.

    check_install.py BUILD_FOLDER
"""
import collections
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

import house

SAMPLES = ["torch-2.15.0/mlp.pt2", "torch-2.15.0/gpt_24l.pt2", "torch-2.8.0/mlp.pt2", "torch-2.6.0/mlp.pt2"]


def run(*command, env=None):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True,
                          env=dict(os.environ, **(env or {}))).stdout


def install(build, folder):
    """Installs into FOLDER; gives the pkg-config file made to point there, and the prefix in it."""
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder)
    found = list(pathlib.Path(folder).rglob("libpt2-1.pc"))
    if len(found) != 1:
        raise AssertionError(f"{len(found)} files named libpt2-1.pc were installed")
    text = found[0].read_text(encoding="utf-8")
    prefix = folder + re.search(r"^prefix=(.*)$", text, re.M).group(1)
    found[0].write_text(re.sub(r"^prefix=.*$", f"prefix={prefix}", text, flags=re.M), encoding="utf-8")
    return found[0], pathlib.Path(prefix)


def compile_example(pc_file, out):
    """Compiles the example; gives the folder of the library."""
    where = {"PKG_CONFIG_PATH": str(pc_file.parent)}
    words = shlex.split(run("pkg-config", "--cflags", "--libs", "libpt2-1", env=where))
    run("gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", str(house.ROOT / "docs/examples/list_nodes.c"), *words, "-o", out)
    return run("pkg-config", "--variable=libdir", "libpt2-1", env=where).strip()


def check(build):
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        pc_file, prefix = install(build, folder)
        program = os.path.join(folder, "list_nodes")
        library = {"LD_LIBRARY_PATH": compile_example(pc_file, program)}
        pt2 = prefix / "bin" / "pt2"
        for sample in SAMPLES:
            path = str(house.CORPUS / sample)
            nodes = collections.Counter(run(program, path, env=library).split())
            operators = json.loads(run(str(pt2), "ops", "--json", path, env=library))
            if not nodes or nodes != operators:
                faults.append(f"{sample}: list_nodes gives {dict(nodes)}, `pt2 ops` {operators}")
        lines = (house.ROOT / "docs/examples/list_nodes.c").read_text(encoding="utf-8").count("\n")
        if lines >= 30:
            faults.append(f"list_nodes.c has {lines} lines; it shows how short it can be: under 30")
    return len(SAMPLES) + 1, faults


if __name__ == "__main__":
    house.main(check)
