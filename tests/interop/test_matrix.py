#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writers × readers: what one language writes, every language reads, over the compact and the binary protocol.

    test_matrix.py --samples FOLDER --types FOLDER [--random N] PT2_PEER CPP_PEER C_GLIB_PEER

Every program and payload config of major 8 below FOLDER, and random values that between them use every field of the
schema, are written by libpt2's codec, c_glib, C++ and Python, and each of these bytes is read by all of them. What a
reader has is compared as a whole, with the entries of maps in order: C++ sorts them, c_glib's hash tables shuffle
them. libpt2's own codec has the compact protocol only. A second table says what becomes of parts that a language does
not know. Last line: `N passed, N failed`.
"""
import argparse
import hashlib
import os
import sys
import tempfile

import python_peer
import random_values
from peers import PROGRAM, ROOTS, Peers, Results, all_texts, outcome
from thrift.Thrift import TType

PROTOCOLS = ("compact", "binary")
LATER = 1000  # id of a field, number of an enum value that no schema has yet
FATES = {  # what each language makes of what it does not know; docs/exchange.md has this table
    "field": {"C": "kept", "c_glib": "dropped", "C++": "dropped", "Python": "dropped"},
    "union member": {"C": "kept", "c_glib": "dropped", "C++": "dropped", "Python": "dropped"},
    "enum value": {"C": "kept", "c_glib": "kept", "C++": "kept", "Python": "kept"},
}


class Outside:
    """A language whose peer is a program that turns a folder."""

    def __init__(self, name, protocols, command, peers):
        self.name, self.protocols, self.command, self.peers = name, protocols, command, peers

    def turn(self, root, source, target, files):
        return self.peers.run([self.command, root, source, target], files)


class Python:
    name, protocols = "Python", PROTOCOLS

    def __init__(self, types):
        self.types = types

    def turn(self, root, source, target, files):
        class_ = getattr(self.types, root)
        turned = {name: outcome(turn_bytes, data, class_, source, target) for name, data in files.items()}
        return {name: data for name, data in turned.items() if data is not None}


def turn_bytes(data, class_, source, target):
    return python_peer.to_bytes(python_peer.from_bytes(data, class_, source), target)


class Matrix:
    def __init__(self, types, languages, results):
        self.types, self.languages, self.results = types, languages, results
        self.cells = {}  # (protocol, writer, reader) -> [equal, all]
        self.normal_forms = {}

    def normal(self, root, data):
        """A digest of DATA with the entries of its maps in order; None if it cannot be read."""
        key = root, hashlib.sha256(data).digest()
        if key not in self.normal_forms:
            ordered = outcome(python_peer.sorted_compact, data, getattr(self.types, root))
            self.normal_forms[key] = hashlib.sha256(ordered).digest() if ordered is not None else None
        return self.normal_forms[key]

    def fill(self, root, values):
        """Adds VALUES ({name: compact bytes}) to every cell."""
        wanted = {name: self.normal(root, data) for name, data in values.items()}
        for protocol in PROTOCOLS:
            able = [language for language in self.languages if protocol in language.protocols]
            for writer in able:
                written = writer.turn(root, "compact", protocol, values)
                for reader in able:
                    self.compare(root, (protocol, writer.name, reader.name), wanted,
                                 reader.turn(root, protocol, "compact", written))

    def compare(self, root, cell, wanted, read):
        count = self.cells.setdefault(cell, [0, 0])
        for name, normal in wanted.items():
            same = name in read and normal is not None and self.normal(root, read[name]) == normal
            self.results.expect(same, "{}: written by {}, read by {}".format(*cell), name)
            count[0] += same
            count[1] += 1

    def print(self):
        names = [language.name for language in self.languages]
        for protocol in PROTOCOLS:
            print(f"\n{protocol + ' written by':20}" + "".join(f"{'read by ' + name:>18}" for name in names))
            for writer in names:
                cells = [self.cells.get((protocol, writer, reader)) for reader in names]
                shown = [f"{cell[0]} of {cell[1]}" if cell else "-" for cell in cells]
                print(f"{writer:20}" + "".join(f"{text:>18}" for text in shown))


# ---- that random values use every field ----

def note_fields(value, used):
    """Adds (class, field) of all that is set below VALUE."""
    if isinstance(value, dict):
        below = list(value.values())
    elif isinstance(value, list):
        below = value
    elif hasattr(value, "thrift_spec"):
        fields = {name: item for name, item in vars(value).items() if item is not None}
        used.update((type(value).__name__, name) for name in fields)
        below = list(fields.values())
    else:
        return
    for item in below:
        note_fields(item, used)


def structs_of(kind, details):
    """The classes that a field of that type names."""
    if kind == TType.STRUCT:
        return [details[0]]
    if kind in python_peer.CONTAINERS:
        return structs_of(details[0], details[1])
    return structs_of(details[2], details[3]) if kind == TType.MAP else []


def fields_below(class_, found):
    """Adds (class, field) of all that can be set below a value of CLASS."""
    for name, entry in python_peer.fields_of(class_).items():
        if (class_.__name__, name) not in found:
            found.add((class_.__name__, name))
            for below in structs_of(entry[1], entry[3]):
                fields_below(below, found)
    return found


def random_bytes(root, class_, schema, n, results):
    values = {f"random-{seed}": random_values.make(class_, schema, f"matrix {root} {seed}") for seed in range(n)}
    used = set()
    note_fields(list(values.values()), used)
    missing = sorted(fields_below(class_, set()) - used)
    results.expect(not missing, f"fields that no random {root} of {n} uses", ", ".join(map(".".join, missing)))
    return {name: python_peer.to_compact(value) for name, value in values.items()}, len(used)


# ---- what a language does not know ----

class Later:
    """Something that writes one field more than the schema has."""

    def __init__(self, value=None):
        self.value = value

    def write(self, protocol):
        protocol.writeStructBegin("Later")
        for number, kind, _, _, _ in (entry for entry in getattr(self.value, "thrift_spec", ()) if entry):
            name = self.value.thrift_spec[number][2]
            protocol.writeFieldBegin(name, kind, number)
            {TType.STRING: protocol.writeString, TType.I64: protocol.writeI64}[kind](getattr(self.value, name))
            protocol.writeFieldEnd()
        protocol.writeFieldBegin("later", TType.STRING, LATER)
        protocol.writeString("from a newer schema")
        protocol.writeFieldEnd()
        protocol.writeFieldStop()
        protocol.writeStructEnd()


def with_later_parts(types, data):
    """{part: (bytes with one that is unknown, bytes without it)}; those of an enum differ from nothing."""
    made = {}
    for part in FATES:
        program, plain = (python_peer.from_compact(data, types.ExportedProgram) for _ in range(2))
        if part == "field":
            program.schema_version = Later(program.schema_version)
        elif part == "union member":
            program.graph_module.graph.outputs[0] = Later()
            plain.graph_module.graph.outputs[0] = types.Argument()
        else:
            next(iter(program.graph_module.graph.tensor_values.values())).dtype = LATER
        made[part] = python_peer.to_compact(program, pure=True), python_peer.to_compact(plain)
    return made


def fate(data, without, read):
    """What became of the unknown part, by content: READ is compared in the order of DATA, or sorted."""
    if read is None:
        return "refused"
    return "kept" if read in data else "dropped" if read in without else "damaged"


def check_later(matrix, data):
    """Every language reads and writes a program with a part that it does not know."""
    print(f"\n{'unknown':20}" + "".join(f"{language.name:>18}" for language in matrix.languages))
    for part, (with_it, without) in with_later_parts(matrix.types, data).items():
        shown = []
        for language in matrix.languages:
            read = language.turn(PROGRAM, "compact", "compact", {part: with_it}).get(part)
            if read is not None and read != with_it:
                read = python_peer.sorted_compact(read, matrix.types.ExportedProgram)
            ordered = [python_peer.sorted_compact(b, matrix.types.ExportedProgram) for b in (with_it, without)]
            kept = (with_it, ordered[0]) if part == "enum value" else (with_it,)
            shown.append(fate(kept, (without, ordered[1]), read))
            matrix.results.expect(shown[-1] == FATES[part][language.name], f"unknown {part} in {language.name}", shown[-1])
        print(f"{part:20}" + "".join(f"{text:>18}" for text in shown))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", required=True, help="a folder of archives and programs")
    parser.add_argument("--types", required=True, help="the folder where apache_types.py wrote")
    parser.add_argument("--random", type=int, default=100, help="values of each root type (default: %(default)s)")
    for peer in ("pt2_peer", "cpp_peer", "c_glib_peer"):
        parser.add_argument(peer)
    options = parser.parse_args()
    types = python_peer.load_types(os.path.join(options.types, "py"))
    schema = python_peer.Schema(os.path.join(options.types, "xml", "export_schema.xml"))
    texts = {root: {} for root in ROOTS}
    for root, name, text in all_texts(options.samples):
        texts[root][name] = text
    with tempfile.TemporaryDirectory() as scratch:
        peers = Peers(options, scratch, Results())
        languages = [Outside("C", ("compact",), options.pt2_peer, peers), Outside("c_glib", PROTOCOLS, options.c_glib_peer, peers),
                     Outside("C++", PROTOCOLS, options.cpp_peer, peers), Python(types)]
        matrix = Matrix(types, languages, peers.results)
        for root in ROOTS:
            values = peers.ours(root, "json", "compact", texts[root])
            peers.results.expect(len(values) == len(texts[root]), f"every {root} can be read", f"{len(values)} of {len(texts[root])}")
            made, fields = random_bytes(root, getattr(types, root), schema, options.random, peers.results)
            print(f"{root}: {len(texts[root])} of {options.samples}, {len(made)} random ones that use {fields} fields", flush=True)
            matrix.fill(root, {**values, **made})
        matrix.print()
        check_later(matrix, next(data for name, data in sorted(peers.ours(PROGRAM, "json", "compact", texts[PROGRAM]).items()) if "mlp" in name))
    print(f"{peers.results.passed} passed, {peers.results.failed} failed")
    return 1 if peers.results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
