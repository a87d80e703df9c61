#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen/generate.py from outside: the same input gives the same bytes, and what it cannot hold it refuses in a sentence.

    test_generator.py THRIFT
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
THRIFT = sys.argv[1]

# What an IDL says, and words of the sentence that refuses it.
REFUSED = [
    ("struct S {\n" + "".join(f"  {i}: i32 f{i}\n" for i in range(1, 66)) + "}", "S: more than 64 fields"),
    ("struct S { 32767: i32 f }", "S.f: id 32767 is reserved or out of range"),
    ("struct S { -1: i32 f }", "S.f: id -1 is reserved or out of range"),
    ("struct S { i32 f }", "is reserved or out of range"),
    ("struct K { 1: i32 f }\nstruct S { 1: map<K, i32> f }", "a map with keys of type K"),
    ("struct S { 1: map<list<i32>, i32> f }", "a map with keys of type list<i32>"),
    ("union U { 1: i32 a }\ntypedef map<U, i32> M\nstruct S { 1: list<M> f }", "a map with keys of type U"),
    ("struct S { 1: string a\n 2: S f }", "S: required inside itself"),
    ("struct A { 1: B f }\nstruct B { 1: C f }\nstruct C { 1: A f }", "required inside itself"),
    ("enum E { A = 1, B = 1 }", "E: two members of one value"),
    ("struct S { 1: i32 present }", "S.present: the C struct cannot have a field of that name"),
    ("union S { 1: i32 which }", "S.which: the C struct cannot have a field of that name"),
    ("struct S { 1: i32 signed }", "S.signed: the C struct cannot have a field of that name"),
    ("struct S { 1: optional i32 f (default = \"{\") }", "S.f: the default '{' is no JSON text"),
    ("struct S { 1: i32 f (since = \"20\") }", "'20' is no minor of major 8"),
    ("struct S { 1: i32 f (since = \"9.1\") }", "'9.1' is no minor of major 8"),
    ("struct S { 1: i32 f (since = \"8.x\") }", "'8.x' is no minor of major 8"),
    ("enum E { A = 1 } (renumbered = \"8.4\", old_numbers = \"1, one\")", "'one' is no number"),
    ("struct SList { 1: i32 f }\nstruct S { 1: list<S> f }", "list<S>: the name of its C type, TestSList, is taken"),
    ("struct S { 1: i32 f }\nstruct T { 1: optional S s = { \"f\": 1 } }", "a literal of type S"),
    ("include \"other.thrift\"\nstruct S { 1: i32 f }", "an IDL that includes others"),
    ("struct A_B { 1: i32 f }\nstruct AB { 1: i32 f }", "the name of its C type, TestAB, is taken"),
    ("struct Bool { 1: i32 f }\nstruct S { 1: list<bool> a\n 2: list<Bool> b }", "the name of its C type, TestBoolList, is taken"),
]
ACCEPTED = [
    "struct S { 1: i32 f }",
    "struct S { 1: optional S f }",
    "struct S { 1: U f }\nunion U { 1: S s\n 2: i32 i }",
    "struct S { 1: list<S> f }",
    "struct S { 32766: i32 f }",
    "struct S {\n" + "".join(f"  {i}: i32 f{i}\n" for i in range(1, 65)) + "}",
    "union U { 1: i32 present }",
    "struct S { 1: i32 which\n 2: i32 len\n 3: i32 items }",
    "enum A { X = 1 }\nenum B { X = 1 }\nstruct S { 1: list<A> a\n 2: list<B> b\n 3: set<A> c }",
    "exception E { 1: string why }\nservice S { i32 f(1: i32 a) throws (1: E e) }",
]


def generate(folder, idl, seed="0"):
    """(status, messages, header, tables) of the generator on an IDL's text."""
    (folder / "idl.thrift").write_text(idl, encoding="utf-8")
    (folder / "other.thrift").write_text("struct Other { 1: i32 f }\n", encoding="utf-8")
    for name in ("idl.xml", "idl.h", "idl.c"):
        (folder / name).unlink(missing_ok=True)
    subprocess.run([THRIFT, "-allow-neg-keys", "--gen", "xml:no_namespaces", "-out", folder, folder / "idl.thrift"],
                   check=True, capture_output=True)
    done = subprocess.run([sys.executable, ROOT / "gen" / "generate.py", "--xml", folder / "idl.xml", "--prefix", "Test",
                           "--symbol", "test_schema", "--header", folder / "idl.h", "--tables", folder / "idl.c"],
                          capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed})
    texts = [(folder / name).read_bytes() if (folder / name).exists() else None for name in ("idl.h", "idl.c")]
    return done.returncode, done.stderr, *texts


def check_refusals(folder):
    for idl, words in REFUSED:
        status, messages, header, tables = generate(folder, idl)
        if status != 1 or words not in messages or "Traceback" in messages or messages.count("\n") != 1:
            yield f"{idl!r}: wanted one line with {words!r} and status 1, got status {status} and {messages!r}"
        elif header is not None or tables is not None:
            yield f"{idl!r}: refused, and yet files were written"


def check_accepted(folder):
    for idl in ACCEPTED:
        status, messages, header, tables = generate(folder, idl)
        if status != 0 or messages or not header or not tables:
            yield f"{idl!r}: status {status}, {messages!r}"


def check_determinism(folder):
    for path in (HERE / "every_construct.thrift", ROOT / "thrift" / "export_schema.thrift"):
        idl = path.read_text(encoding="utf-8")
        first, second = (generate(folder, idl, seed) for seed in ("1", "4242"))
        if first != second or first[0] != 0:
            yield f"{path.name}: two runs differ"


def main():
    with tempfile.TemporaryDirectory() as folder:
        faults = [fault for check in (check_refusals, check_accepted, check_determinism) for fault in check(pathlib.Path(folder))]
    for fault in faults:
        print(fault)
    print(f"{len(REFUSED) + len(ACCEPTED) + 2 - len(faults)} passed, {len(faults)} failed")
    sys.exit(bool(faults))


main()
