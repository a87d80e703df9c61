#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The schema and the reader of every PyTorch release against `pt2 schema`.

    check_releases.py PT2 CORPUS

Of each release at hand (release_readers.py says where): are its classes, field by field, what `schema show` says of it? Last
line: `N passed, N failed, N skipped`.
"""
import dataclasses
import enum
import json
import subprocess
import sys
import types
import typing
import warnings

warnings.filterwarnings("ignore")

import release_readers  # noqa: E402

SCALARS = {int: "i64", float: "double", str: "string", bool: "bool", bytes: "binary"}


def pt2_json(*words):
    return json.loads(subprocess.run([sys.argv[1], "schema", *words, "--json"], stdout=subprocess.PIPE, check=True).stdout)


# ---- classes ----

def take_apart(hint):
    """A hint of a type: its type as an IDL spells it, id or None, may it be null, is it the empty tuple."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return (*take_apart(arguments[0])[:1], arguments[1], *take_apart(arguments[0])[2:])
    if origin in (typing.Union, types.UnionType):
        return (take_apart(arguments[0])[0], None, True, take_apart(arguments[0])[3])
    if origin is tuple:
        return ("bool", None, False, True)
    if origin in (list, dict):
        parts = ",".join(take_apart(a)[0] for a in arguments)
        return (f"{'list' if origin is list else 'map'}<{parts}>", None, False, False)
    return (SCALARS.get(hint) or hint.__name__, None, False, False)


def default_of(field):
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def described_field(field, hint, in_union, has_ids):
    kind, number, nullable, unit = take_apart(hint)
    default = default_of(field)
    missing = default is dataclasses.MISSING
    described = {"name": field.name, "type": kind, "unit": unit,
                 "required": missing and not nullable and not in_union, "null_key": missing and nullable,
                 "default": None if missing or in_union else json.dumps(default)}
    return {**described, "id": number} if has_ids else described


def described_type(release, kind, has_ids):
    """A class as `schema show --json` has it."""
    if issubclass(kind, enum.IntEnum):
        return {"kind": "enum", "fields": [{"name": value.name, "value": int(value)} for value in kind]}
    union = issubclass(kind, release.union)
    hints = typing.get_type_hints(kind, include_extras=True)
    return {"kind": "union" if union else "struct",
            "fields": [described_field(f, hints[f.name], union, has_ids) for f in dataclasses.fields(kind)]}


def our_type(shown, has_ids):
    fields = [{k: v for k, v in field.items() if k != "id" or has_ids} for field in shown["fields"]]
    return {"kind": shown["kind"], "fields": fields}


def beyond(these, those):
    """The fields of THESE that THOSE have not; all if only their order differs."""
    return [field for field in these["fields"] if field not in those["fields"]] or these["fields"]


def differences(release):
    """Where the classes of RELEASE are not what `schema show` says."""
    shown = pt2_json("show", f"--at=torch-{release.name}")
    said = (shown["schema_version"]["major"], shown["schema_version"]["minor"])
    if said != release.version:
        yield f"version {release.version}, not {said}"
    ours = {each["name"]: our_type(each, shown["has_ids"]) for each in shown["types"]}
    theirs = {name: described_type(release, kind, shown["has_ids"]) for name, kind in release.types.items()}
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) is None or theirs.get(name) is None or ours[name]["kind"] != theirs[name]["kind"]:
            yield f"{name}: the classes have {theirs.get(name)}, pt2 has {ours.get(name)}"
        elif ours[name] != theirs[name]:
            yield f"{name}: only the classes have {beyond(theirs[name], ours[name])}, only pt2 has {beyond(ours[name], theirs[name])}"


def main():
    releases = [release_readers.Release(name, folder) for name, folder in release_readers.folders().items()]
    passed = failed = 0
    for release in releases:
        found = list(differences(release))
        passed += not found
        failed += bool(found)
        for difference in found:
            print(f"PyTorch {release.name}: {difference}")
    print(f"{passed} passed, {failed} failed, {not releases:d} skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
