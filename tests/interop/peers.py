# SPDX-License-Identifier: Apache-2.0
"""What the tests between languages share: the texts of a corpus, the programs that turn a folder of files, results."""
import hashlib
import json
import os
import subprocess
import tempfile
import zipfile

PROGRAM, PAYLOADS = "ExportedProgram", "PayloadConfig"
ROOTS = (PROGRAM, PAYLOADS, "AOTInductorModelPickleData", "ExternKernelNodes")


def root_of(name, text):
    """What the schema calls the text of a file or record NAME; None if it does not describe it."""
    if name.endswith(("_weights_config.json", "_constants_config.json")):
        return PAYLOADS
    if not name.endswith("serialized_exported_program.json") and not ("models/" in name and name.endswith(".json")):
        return None
    version = json.loads(text).get("schema_version")
    return PROGRAM if isinstance(version, dict) and version["major"] == 8 else None


def texts_of(path):
    """(root type, record, JSON text) of what the schema describes in an archive, or in a file by itself."""
    texts = []
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            texts = [(name, archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    elif path.endswith(".json"):
        texts = [("", read_file(path))]
    for name, text in texts:
        root = root_of(name or path, text)
        if root is not None:
            yield root, name, text


def all_texts(corpus):
    """(root type, name, JSON text) of everything below a folder."""
    for folder, _, names in sorted(os.walk(corpus)):
        for path in (os.path.join(folder, name) for name in sorted(names)):
            for root, record, text in texts_of(path):
                yield root, f"{os.path.relpath(path, corpus)}-{record}".replace("/", "-"), text


def corpus_texts(corpus):
    """root type -> {name: text}, each text once."""
    found, seen = {root: {} for root in ROOTS}, set()
    for root, name, text in all_texts(corpus):
        digest = hashlib.sha256(text).digest()
        if digest not in seen:
            seen.add(digest)
            found[root][name] = text
    return found


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, same, what, name, left=b"", right=b""):
        if same:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {what}: {name}{difference(left, right)}", flush=True)

    def same(self, left, right, what, name):
        self.expect(left is not None and left == right, what, name, left or b"", right or b"")


def difference(left, right):
    at = next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
    return f" at byte {at}: {left[max(0, at - 40):at + 20]!r} and {right[max(0, at - 40):at + 20]!r}"


class Peers:
    """The programs beside us, each run once for many files."""

    def __init__(self, options, scratch, results):
        self.pt2, self.cpp, self.c_glib = options.pt2_peer, options.cpp_peer, options.c_glib_peer
        self.scratch, self.results = scratch, results

    def run(self, words, files):
        """{name: bytes} through a program that turns a folder; what it cannot turn is missing."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as source, \
                tempfile.TemporaryDirectory(dir=self.scratch) as target:
            for name, data in files.items():
                with open(os.path.join(source, name), "wb") as file:
                    file.write(data)
            done = subprocess.run([*words, source, target], check=False, timeout=250)
            self.results.expect(done.returncode == 0, f"exit status {done.returncode}", " ".join(words))
            return {name: read_file(os.path.join(target, name)) for name in os.listdir(target)}

    def ours(self, root, source, target, files):
        return self.run([self.pt2, root, source, target], files)


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def outcome(function, *arguments):
    """What FUNCTION gives; None, and a line, if it fails."""
    try:
        return function(*arguments)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        return None


def in_order(text):
    """JSON text with the keys of its objects in order; None if there is no text."""
    return json.dumps(json.loads(text), sort_keys=True).encode() if text else None
