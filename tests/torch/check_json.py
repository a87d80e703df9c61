#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch's own reader judge the JSON that `pt2` gives back from Thrift compact.

    check_json.py PT2 CORPUS

For every exported program of schema 8 in CORPUS: archive -> compact -> JSON with PT2, then
  read   PyTorch's reader makes equal dataclasses of the original text and of ours;
  dump   PyTorch's writer makes our text, byte for byte, of what its reader made of it
         (programs of minors that have all of today's fields);
  load   the archive with our text in the program's place loads as the original does:
         the same code, and the code of NAME.expect.json where it has one.
Where PyTorch refuses the original and no code is expected it must refuse ours with the same kind of exception.
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from sample_parts import Pt  # noqa: E402,F401  samples name it as __main__.Pt
import torch  # noqa: E402
from torch._export.serde import schema, serialize  # noqa: E402

torch.set_num_threads(1)

ALL_FIELDS_FROM = 16  # the minor that brought the youngest field of a struct


def outcome(function, *args):
    """What FUNCTION gives, or the kind of exception that it raises."""
    try:
        return ("value", function(*args))
    except Exception as error:
        return ("error", type(error).__name__)


def read(text):
    return serialize._dict_to_dataclass(schema.ExportedProgram, json.loads(text))


def dump(text):
    return serialize._to_json_bytes(read(text))


def spelled(program):
    """A dataclass as text: for NaN, which is not equal to itself."""
    return json.dumps(serialize._dataclass_to_dict(program), default=repr)


def same_outcome(a, b):
    return a == b or (a[0] == b[0] == "value" and spelled(a[1]) == spelled(b[1]))


def code(archive_bytes):
    """The code of each graph module that PyTorch makes of an archive."""
    program = torch.export.load(io.BytesIO(archive_bytes))
    return {name: module.code for name, module in program.graph_module.named_modules()
            if isinstance(module, torch.fx.GraphModule)}


def with_record(path, name, text):
    """The archive at PATH with TEXT as the record that ends in NAME."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            ours = item.filename == name or item.filename.partition("/")[2] == name
            new.writestr(item.filename, text if ours else old.read(item))
    return out.getvalue()


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout


def there_and_back(pt2, path, record, folder):
    """The program in RECORD of the archive as JSON, made of the compact that was made of it."""
    compact, back = os.path.join(folder, "program.thrift"), os.path.join(folder, "program.json")
    model = ["--model", os.path.basename(record).rpartition(".")[0]] if record.startswith("models/") else []
    run(pt2, "convert", "-f", *model, path, compact)
    run(pt2, "convert", "-f", compact, back)
    with open(back, "rb") as file:
        return file.read()


def expected_code(path):
    """What NAME.expect.json says of the code, or None."""
    expected = path.rpartition(".")[0] + ".expect.json"
    if not os.path.exists(expected):
        return None
    with open(expected, encoding="utf-8") as file:
        return json.load(file).get("fx_code")


def check_record(pt2, path, record, folder):
    """Yields (what, passed) for one program of an archive; nothing for one of an older major."""
    original = run(pt2, "cat", path, record)
    version = json.loads(original)["schema_version"]
    if not isinstance(version, dict) or version["major"] != 8:
        return
    text = there_and_back(pt2, path, record, folder)
    yield "read", same_outcome(outcome(read, original), outcome(read, text))
    if version["minor"] >= ALL_FIELDS_FROM:
        yield "dump", outcome(dump, text) == ("value", text)
    with open(path, "rb") as file:
        before = outcome(code, file.read())
    after, expected = outcome(code, with_record(path, record, text)), expected_code(path)
    yield "load", before == after and (expected is None or after == ("value", expected))


def check(pt2, path, folder):
    """Yields (what, passed) for every program of one archive."""
    for record in json.loads(run(pt2, "ls", "--json", path)):
        if record["role"] == "program":
            for what, passed in check_record(pt2, path, record["name"], folder):
                yield f"{record['name']}: {what}", passed


def archives(corpus):
    """Paths of what `torch.export.save` may have written."""
    for folder, _, names in sorted(os.walk(corpus)):
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith((".pt2", ".ep")))


def main():
    pt2, corpus = sys.argv[1:3]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in archives(corpus):
            try:
                results = list(check(pt2, path, folder))
            except Exception as error:
                results = [(f"{type(error).__name__}: {error}", False)]
            for what, good in results:
                passed, failed = passed + good, failed + (not good)
                if not good:
                    print(f"FAILED {os.path.relpath(path, corpus)}: {what}", flush=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
