# SPDX-License-Identifier: Apache-2.0
"""What the house tests share: the tree's files, and saying how many faults there were."""
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"


def tracked_files():
    """The files of the project: what git tracks or would track; without git all but the build folders."""
    try:
        answer = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        names = [ROOT / name for name in answer.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [path for path in ROOT.rglob("*") if not path.relative_to(ROOT).parts[0].startswith("build")
                 and path.relative_to(ROOT).parts[0] != ".git" and "__pycache__" not in path.parts]
    return sorted(path for path in names if path.is_file())


def project_texts():
    """(path inside the tree, text) of each text file that is ours; the corpus is not."""
    for path in tracked_files():
        if CORPUS not in path.parents and "seeds" not in path.parts:
            data = path.read_bytes()
            if b"\0" not in data:
                yield path.relative_to(ROOT), data.decode("utf-8")


def flags(*packages):
    """Compiler flags of packages, their headers as system headers."""
    words = subprocess.run(["pkg-config", "--cflags", *packages], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [part for word in shlex.split(words)
            for part in (["-isystem", word[2:]] if word.startswith("-I") else [word])]


def finish(checked, faults):
    """Prints the faults and the counts; the exit status of the test."""
    for fault in faults:
        print(fault)
    if checked == 0:
        print("nothing was checked")
        faults = ["nothing was checked"]
    print(f"{max(checked - len(faults), 0)} passed, {len(faults)} failed")
    return 1 if faults else 0


def main(function):
    sys.exit(finish(*function(*sys.argv[1:])))
