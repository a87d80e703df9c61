#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libpt2's compact and JSON against Apache Thrift's Python (in C and in Python), C++ and c_glib.

    test_interop.py --corpus FOLDER --types FOLDER PT2_PEER CPP_PEER C_GLIB_PEER

Every program and payload config of major 8 in the corpus, and random values of every root type, go from each writer
to each reader. Python keeps the order of map entries, so its bytes must be ours; C++ sorts them and c_glib's hash
tables shuffle them, so there the bytes must be equal once the entries are in order. Each comparison of one program
counts. Last line: `N passed, N failed`.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import python_peer
import random_values

PROGRAM, PAYLOADS = "ExportedProgram", "PayloadConfig"
ROOTS = (PROGRAM, PAYLOADS, "AOTInductorModelPickleData", "ExternKernelNodes")
RANDOM = 100  # values of each root
NUL = "nul-"  # names of values with NUL in their texts, which end a text in c_glib


def texts_of_archive(path):
    """(root type, record, JSON text) of what the schema describes in an archive."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        return
    with archive:
        for name in archive.namelist():
            if name.endswith(("_weights_config.json", "_constants_config.json")):
                yield PAYLOADS, name, archive.read(name)
            elif name.endswith("serialized_exported_program.json") or ("/models/" in name and name.endswith(".json")):
                text = archive.read(name)
                version = json.loads(text).get("schema_version")
                if isinstance(version, dict) and version["major"] == 8:
                    yield PROGRAM, name, text


def corpus_texts(corpus):
    """root type -> {name: text}, each text once."""
    found, seen = {root: {} for root in ROOTS}, set()
    for folder, _, names in sorted(os.walk(corpus)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            for root, record, text in texts_of_archive(path):
                digest = hashlib.sha256(text).digest()
                if digest not in seen:
                    seen.add(digest)
                    label = os.path.relpath(path, corpus) + "-" + record
                    found[root][label.replace("/", "-")] = text
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


class Interop:
    def __init__(self, types, schema, peers):
        self.types, self.schema, self.peers, self.results = types, schema, peers, peers.results

    def class_of(self, root):
        return getattr(self.types, root)

    def check_texts(self, root, texts):
        """From PyTorch's JSON: our compact is what Python makes of the text, and gives the text back."""
        compact = self.peers.ours(root, "json", "compact", texts)
        back = self.peers.ours(root, "compact", "json", compact)
        for name, text in texts.items():
            value = outcome(python_peer.from_json, text, self.class_of(root))
            self.results.same(outcome(python_peer.to_compact, value), compact.get(name), "Python's compact of JSON", name)
            self.results.same(outcome(python_peer.to_json, value, self.schema), text, "Python's JSON", name)
            self.results.same(back.get(name), text, "JSON -> compact -> JSON", name)
        return compact

    def check_random(self, root):
        """From Python's compact: we give the same bytes back, and the JSON that Python makes of them."""
        values = {prefix + str(seed): random_values.make(self.class_of(root), self.schema, f"{root} {seed}", prefix == NUL)
                  for seed in range(RANDOM) for prefix in ("random-", NUL)}
        compact = {name: python_peer.to_compact(value) for name, value in values.items()}
        rewritten = self.peers.ours(root, "compact", "compact", compact)
        texts = self.peers.ours(root, "compact", "json", compact)
        again = self.peers.ours(root, "json", "compact", texts)
        for name, value in values.items():
            text = python_peer.to_json(value, self.schema)
            self.results.same(rewritten.get(name), compact[name], "compact -> compact", name)
            self.results.same(texts.get(name), text, "JSON of Python's compact", name)
            from_text = python_peer.from_json(text, self.class_of(root))
            self.results.same(again.get(name), python_peer.to_compact(from_text), "compact of the JSON", name)
        return compact

    def check_python(self, root, compact):
        for name, data in compact.items():
            for pure in (False, True):
                value = outcome(python_peer.from_compact, data, self.class_of(root), pure)
                self.results.same(outcome(python_peer.to_compact, value, pure), data,
                                  "Python (pure)" if pure else "Python (C)", name)

    def check_shuffled(self, root, compact, peer, what):
        """A peer that does not keep the order of map entries: its bytes in order, and what we make of its bytes."""
        theirs = self.peers.run([peer, root], compact)
        texts = self.peers.ours(root, "compact", "json", compact)
        their_texts = self.peers.ours(root, "compact", "json", theirs)
        for name, data in compact.items():
            ordered = python_peer.sorted_compact(data, self.class_of(root))
            got = theirs.get(name, b"")
            if what != "C++":
                got = outcome(python_peer.sorted_compact, got, self.class_of(root))
            self.results.same(got, ordered, what, name)
            self.results.same(in_order(their_texts.get(name)), in_order(texts.get(name)), f"JSON of what {what} wrote", name)

    def check(self, root, texts):
        compact = self.check_texts(root, texts) if texts else {}
        compact.update(self.check_random(root))
        self.check_python(root, compact)
        self.check_shuffled(root, compact, self.peers.cpp, "C++")
        without_nul = {name: data for name, data in compact.items() if not name.startswith(NUL)}
        self.check_shuffled(root, without_nul, self.peers.c_glib, "c_glib")


def in_order(text):
    """JSON text with the keys of its objects in order; None if there is no text."""
    return json.dumps(json.loads(text), sort_keys=True).encode() if text else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--types", required=True, help="the folder where apache_types.py wrote")
    for peer in ("pt2_peer", "cpp_peer", "c_glib_peer"):
        parser.add_argument(peer)
    options = parser.parse_args()
    types = python_peer.load_types(os.path.join(options.types, "py"))
    schema = python_peer.Schema(os.path.join(options.types, "xml", "export_schema.xml"))
    texts = corpus_texts(options.corpus)
    with tempfile.TemporaryDirectory() as scratch:
        interop = Interop(types, schema, Peers(options, scratch, Results()))
        interop.results.expect(len(texts[PROGRAM]) > 100, "the corpus has programs", options.corpus)
        interop.results.expect(len(texts[PAYLOADS]) > 10, "the corpus has payload configs", options.corpus)
        for root in ROOTS:
            interop.check(root, texts[root])
    print(f"{interop.results.passed} passed, {interop.results.failed} failed")
    return 1 if interop.results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
