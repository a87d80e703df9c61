#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Apache Thrift's own Python readers against `pt2 schema matrix`: for neighbours in the schema's history, both ways, a value
for each field, written with one schema's classes and read with the other's.

    test_history.py PT2 THRIFT HISTORY
"""
import importlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TException, TType
from thrift.transport.TTransport import TMemoryBuffer

# Before 8.2 the schema had no ids.
VERSIONS = ["8.2", "8.5", "8.6", "8.7", "8.10", "8.14", "8.15", "8.16", "8.17", "8.18", "8.19", "8.20"]


def load(thrift, folder, path):
    subprocess.run([thrift, "--gen", "py", "-out", folder, path], check=True)
    return importlib.import_module("pt2_history_" + path.stem.replace(".", "_") + ".ttypes")


def unions(path):
    return set(re.findall(r"^union (\w+)", path.read_text(encoding="utf-8"), re.M))


def enums(path):
    """Members of each enum: {name: {number: member}}."""
    text = path.read_text(encoding="utf-8")
    return {name: {int(n): m for m, n in re.findall(r"(\w+) = (-?\d+)", body)}
            for name, body in re.findall(r"^enum (\w+) \{(.*?)^\}", text, re.M | re.S)}


def fields_of(path):
    """{type: [(name, enum or None, required)]}, of structs and unions, in the order of the text."""
    text, known, found = path.read_text(encoding="utf-8"), enums(path), {}
    for name, body in re.findall(r"^(?:struct|union) (\w+) \{(.*?)^\}", text, re.M | re.S):
        found[name] = [(field, known.get(kind), not optional) for optional, kind, field in
                       re.findall(r"^  \d+: (optional )?(\S+(?: \S+>)?)(?: &)? (\w+)", body, re.M)]
    return found


class Side:
    def __init__(self, thrift, folder, path):
        self.types, self.unions, self.enums, self.fields = load(thrift, folder, path), unions(path), enums(path), fields_of(path)

    def value(self, kind, detail, full):
        if kind in (TType.LIST, TType.SET):
            return [self.value(detail[0], detail[1], True)] if full else []
        if kind == TType.MAP:
            return {self.value(detail[0], detail[1], True): self.value(detail[2], detail[3], True)} if full else {}
        if kind == TType.STRUCT:
            return self.record(detail[0].__name__)
        return {TType.BOOL: True, TType.DOUBLE: 0.5, TType.STRING: "x"}.get(kind, 1)

    def put(self, made, name, full):
        spec = next(s for s in type(made).thrift_spec if s is not None and s[2] == name)
        numbers = next(e for f, e, _ in self.fields[type(made).__name__] if f == name)
        setattr(made, name, min(numbers) if numbers else self.value(spec[1], spec[3], full))

    def record(self, name):
        """What is required; the first member of a union."""
        made = getattr(self.types, name)()
        for number, (field, _, required) in enumerate(self.fields[name]):
            if (name in self.unions and number == 0) or (name not in self.unions and required):
                self.put(made, field, False)
        return made


def written(value):
    buffer = TMemoryBuffer()
    value.write(TCompactProtocol(buffer))
    return buffer.getvalue()


RANK = ["safe", "loses", "breaks", "misreads"]


def compare(sent, got, writer, reader):
    """What came of a value, by walking both."""
    if isinstance(sent, list):
        return max([compare(a, b, writer, reader) for a, b in zip(sent, got)], key=RANK.index, default="safe")
    if isinstance(sent, dict):
        return max([compare(sent[k], got[k], writer, reader) for k in sent], key=RANK.index, default="safe")
    if not hasattr(sent, "thrift_spec"):
        return "safe" if sent == got else "misreads"
    name, worst = type(sent).__name__, ["safe"]
    # Apache's default requiredness lets a field be absent that has no default: there is nothing then to read it as.
    if name not in reader.unions and any(required and getattr(got, field) is None for field, _, required in reader.fields[name]):
        worst.append("breaks")
    for field, numbers, _ in writer.fields[name]:
        value = getattr(sent, field)
        if value is None:
            continue
        theirs = {f: e for f, e, _ in reader.fields[name]}
        if field not in theirs or getattr(got, field) is None:
            worst.append("breaks" if name in writer.unions else "loses")
        elif numbers:
            worst.append(meaning(value, numbers, theirs[field]))
        else:
            worst.append(compare(value, getattr(got, field), writer, reader))
    return max(worst, key=RANK.index)


def meaning(number, sent, known):
    if number not in known:
        return "loses"
    return "safe" if known[number] == sent.get(number, known[number]) else "misreads"


def trials(writer, reader):
    counts = dict.fromkeys(RANK, 0)
    for name in writer.fields:
        if name not in reader.fields:
            continue
        for field, numbers, _ in writer.fields[name]:
            for number in sorted(numbers) if numbers else [None]:
                made = getattr(writer.types, name)() if name in writer.unions else writer.record(name)
                writer.put(made, field, True)
                if number is not None:
                    setattr(made, field, number)
                counts[outcome(made, name, writer, reader)] += 1
    return counts


def outcome(made, name, writer, reader):
    got = getattr(reader.types, name)()
    try:
        got.read(TCompactProtocol(TMemoryBuffer(written(made))))
        if name not in reader.unions:
            got.validate()
    except TException:
        return "breaks"
    return compare(made, got, writer, reader)


def main():
    pt2, thrift, history = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    answer = subprocess.run([pt2, "schema", "matrix", "--json", *VERSIONS], stdout=subprocess.PIPE, check=True).stdout
    cells = {(c["writer"], c["reader"]): c for c in json.loads(answer) if c["encoding"] == "compact"}
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        sides = {v: Side(thrift, folder, history / f"{v}.thrift") for v in VERSIONS}
        for pair in [(a, b) for a, b in zip(VERSIONS, VERSIONS[1:])] + [(b, a) for a, b in zip(VERSIONS, VERSIONS[1:])]:
            counts, said = trials(sides[pair[0]], sides[pair[1]]), {k: cells[pair][k] for k in RANK}
            passed += counts == said
            if counts != said:
                failed += 1
                print(f"written with {pair[0]}, read with {pair[1]}: Apache {counts}, pt2 {said}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
