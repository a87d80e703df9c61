#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents show is what the commands print and what the compiler takes.

    check_readme.py PT2            runs each command of the ```console blocks of the PAGES below
    check_readme.py PT2 --write    puts what they print today into those pages

Run are `pt2`, the examples (built beside it) and a few plain commands; others, such as `tools/try`,
must only exist. A line that is `…` alone stands for any lines left out. The commands of a page run
in one empty folder where `tests` and `docs` are the project's, so that paths are as from the
project's top.

A ```c block is the file that the last link to docs/examples/*.c before it names: without the line of
its licence, and without what follows the line REST, if it has one. Each example is on a page, and
links between the documents lead somewhere.
"""
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

import house

PAGES = ("README.md", "docs/api.md", "docs/archives.md", "docs/building-programs.md", "docs/canonical-form.md", "docs/content-id.md", "docs/diff.md", "docs/edit.md", "docs/evolution.md", "docs/extensions.md", "docs/format-compact.md", "docs/format-json.md", "docs/graph.md", "docs/schema-versions.md", "docs/shapes.md", "docs/strip.md", "docs/upgrade.md", "docs/verify.md")
PLAIN = ("cat", "cmp", "head", "printf", "wc")
KNOWN = ("cc", "git", "meson", "pkg-config")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
C_BLOCK = re.compile(r"^```c\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
EXAMPLE_LINK = re.compile(r"\]\((?:docs/)?examples/(\w+\.c)\)")
EXAMPLES = house.ROOT / "docs/examples"
REST = "/* ---- the rest only calls it ---- */"


def split_block(block):
    """[(command, lines printed)] of one block."""
    steps = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif steps:
            steps[-1][1].append(line)
    return steps


def matches(shown, printed):
    """Are the lines SHOWN those PRINTED, but for what `…` left out?"""
    if not shown:
        return not printed
    if shown[0].strip() == "…":
        return any(matches(shown[1:], printed[i:]) for i in range(len(printed) + 1))
    return bool(printed) and shown[0].rstrip() == printed[0].rstrip() and matches(shown[1:], printed[1:])


def shorten(shown, printed):
    """PRINTED for the README: whole, or as far as the first `…` of what was SHOWN, then its tail."""
    if "…" not in shown:
        return printed
    at = shown.index("…")
    tail = len(shown) - at - 1
    return printed[:at] + ["…"] + (printed[-tail:] if tail else [])


def run_step(folders, command, folder):
    """What a shell shows for COMMAND, with FOLDERS first on its path."""
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    answer = subprocess.run(["bash", "-c", command], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=dict(os.environ, PATH=path, NO_COLOR="1"))
    return answer.stdout.splitlines()


def dead_links():
    for path, text in house.project_texts():
        if path.suffix == ".md":
            for target in LINK.findall(text):
                if not (house.ROOT / path.parent / target).exists():
                    yield f"{path}: {target} is not there"


def shown_of(example):
    """What a page shows of the example with that text."""
    text = example.partition("\n")[2]
    return text.partition(REST)[0].rstrip("\n") + "\n"


def example_before(text, at):
    """Name of the example whose link is the last before AT."""
    names = EXAMPLE_LINK.findall(text[:at])
    return names[-1] if names else None


def check_examples(page, text, seen):
    """(TEXT with its C blocks as they should be, faults); SEEN gets the names of the examples."""
    faults = []

    def block_of(match):
        name = example_before(text, match.start())
        if name is None or not (EXAMPLES / name).exists():
            faults.append(f"{page}: no link to an example stands before a C block")
            return match.group()
        seen.add(name)
        block = shown_of((EXAMPLES / name).read_text(encoding="utf-8"))
        if match.group(1) != block:
            faults.append(f"{page}: the C block is not what docs/examples/{name} says")
        return f"```c\n{block}```"

    return C_BLOCK.sub(block_of, text), faults


def step_faults(page, folders, folder, command, shown):
    """([fault], lines as they should be shown) of one command."""
    program = shlex.split(command)[0]
    if program not in ("pt2", *PLAIN) and not (EXAMPLES / f"{program}.c").exists():
        known = program in KNOWN or os.access(house.ROOT / program, os.X_OK)
        return [] if known else [f"{page}: {program} is no command"], shown
    printed = run_step(folders, command, folder)
    if matches(shown, printed):
        return [], shown
    return ["\n".join([f"{page}: `{command}` prints", *printed[:40]])], shorten(shown, printed)


def check_commands(page, text, folders):
    """(TEXT with what its commands print, commands, faults)."""
    checked, faults = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tests", "docs"):
            os.symlink(house.ROOT / name, os.path.join(folder, name))
        for block in BLOCK.findall(text):
            made = []
            for command, shown in split_block(block):
                checked += 1
                wrong, lines = step_faults(page, folders, folder, command, shown)
                faults += wrong
                made += [f"$ {command}", *lines]
            text = text.replace(f"```console\n{block}```", "```console\n" + "\n".join(made) + "\n```")
    return text, checked, faults


def check(pt2, *options):
    pt2 = pathlib.Path(pt2).resolve()
    folders = (pt2.parent, pt2.parent.parent / "docs")
    faults, checked, seen = list(dead_links()), 1, set()
    for page in PAGES:
        path = house.ROOT / page
        text, wrong = check_examples(page, path.read_text(encoding="utf-8"), seen)
        made, commands, failed = check_commands(page, text, folders)
        checked += 1 + commands
        faults += wrong + failed
        if "--write" in options:
            path.write_text(made, encoding="utf-8")
    faults += [f"docs/examples/{path.name} is on no page" for path in sorted(EXAMPLES.glob("*.c")) if path.name not in seen]
    return checked, faults


if __name__ == "__main__":
    house.main(check)
