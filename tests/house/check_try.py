#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tools/try` in a tree that nothing was built in, on a machine that has all packages: it builds, and shows the main job. The
build is a copy of PT2; packages, meson and ninja are stand-ins.

    check_try.py PT2
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import house

STANDINS = {
    "dpkg-query": "echo 'ii '",
    "apt-get": "exit 1",
    "meson": 'mkdir -p "$2" && touch "$2/build.ninja"',
    "ninja": 'mkdir -p "$2/tools" && ln -s "$PT2" "$2/tools/pt2"',
}


def fresh_tree(folder):
    """The tree as a clone has it, as far as tools/try looks."""
    tree = pathlib.Path(folder, "tree")
    model = "tests/corpus/torch-2.15.0/gpt_24l.pt2"
    for name in ("tools/try", "tools/packages.sh", model):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(house.ROOT / name, tree / name)
    return tree


def stand_ins(folder):
    commands = pathlib.Path(folder, "bin")
    commands.mkdir()
    for name, text in STANDINS.items():
        (commands / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    return commands


def main(pt2):
    with tempfile.TemporaryDirectory() as folder:
        tree, commands = fresh_tree(folder), stand_ins(folder)
        env = dict(os.environ, PATH=f"{commands}:{os.environ['PATH']}", PT2=os.path.abspath(pt2))
        answer = subprocess.run([tree / "tools/try"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, timeout=60,
                                check=False)
    fine = answer.returncode == 0 and "program.json = back-from-zst.json, every byte" in answer.stdout
    if not fine:
        print(answer.returncode, answer.stdout, answer.stderr)
    print(f"{int(fine)} passed, {int(not fine)} failed")
    return not fine


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
