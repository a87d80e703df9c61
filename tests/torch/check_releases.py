#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The schema and the JSON reader of every PyTorch release against `pt2 schema`.

    check_releases.py PT2 CORPUS

Of each release at hand (release_readers.py says where): are its classes, field by field, what `schema show` says of it? Does its
reader make of every value of every version of the schema what `schema values` says, and for neighbours in the history what
`schema audit` says? Last line: `N passed, N failed, N skipped`.
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


# ---- values ----

RANK = ["safe", "loses", "breaks", "misreads"]


class Schema:
    """A version of the history: its types as `schema show` has them, and the JSON of values made with it."""

    def __init__(self, name):
        self.name, shown = name, pt2_json("show", f"--at={name}")
        self.version = (shown["schema_version"]["major"], shown["schema_version"]["minor"])
        self.types = {each["name"]: each for each in shown["types"]}
        self.fields = {name: {f["name"]: f for f in each["fields"]} for name, each in self.types.items()}

    def number_name(self, kind, number):
        names = [field["name"] for field in self.types[kind]["fields"] if field["value"] == number]
        return names[0] if names else None


def together(verdicts):
    """Of one value: what is refused is not misread any more."""
    verdicts = list(verdicts)
    return "breaks" if "breaks" in verdicts else max(verdicts, key=RANK.index, default="safe")


def look_at(release, writer, sent, got, hint, kind):
    """What the reader has of SENT, a value of the writer's type KIND, and GOT, which it takes for a HINT. It looks neither at
    scalars nor at null: what is none of the type fails where it is used."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return "safe" if got is None else look_at(release, writer, sent, got, typing.get_args(hint)[0], kind)
    if sent == [] and hint in (bool, typing.Tuple[()]) or sent is True and hint == typing.Tuple[()]:
        return "safe"  # that a member was chosen is all that either says
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and isinstance(got, list):
        return together(look_at(release, writer, a, b, arguments[0], kind[5:-1]) for a, b in zip(sent, got))
    if origin is dict and isinstance(got, dict):
        return together(look_at(release, writer, sent[k], got[k], arguments[1], kind[4:-1].split(",", 1)[1]) for k in sent)
    if origin is not None:
        return "breaks"
    if issubclass(hint, enum.IntEnum):
        return look_at_number(writer.number_name(kind, sent), sent, hint)
    if dataclasses.is_dataclass(hint):
        return look_at_record(release, writer, sent, got, hint, kind)
    return "safe" if isinstance(got, hint) and sent == got else "breaks"


def look_at_number(meant, number, hint):
    """A number is first looked at where the reader turns it into what it stands for."""
    if number not in {int(value) for value in hint}:
        return "breaks"
    return "safe" if hint(number).name == meant else "misreads"


def look_at_record(release, writer, sent, got, hint, kind):
    if not isinstance(got, hint):
        return "breaks"
    hints, found = typing.get_type_hints(hint, include_extras=True), ["safe"]
    for name, value in sent.items():
        if name not in hints:
            found.append("loses")
        elif value is not None or not issubclass(hint, release.union):
            found.append(look_at(release, writer, value, getattr(got, name), hints[name], writer.fields[kind][name]["type"]))
    return together(found)


def observed(release, writer, trial):
    try:
        got = release.read(trial["type"], trial["json"])
    except Exception:
        return "breaks"
    return look_at(release, writer, trial["json"], got, release.types[trial["type"]], trial["type"])


def values(writer, release):
    return [trial for trial in pt2_json("values", writer.name, f"torch-{release.name}") if "json" in trial]


def place(trial):
    return f"{trial['type']}.{trial['field']}" + (f"={trial['value']}" if trial["value"] else "")


def unread(release, schemas):
    """Fields that the release does not read as they are in values of its own: 2.1 leaves some parts as parsed JSON."""
    own = next(schema for schema in schemas if schema.version == release.version)
    return {place(trial) for trial in values(own, release) if observed(release, own, trial) != "safe"}


# ---- audits ----

def walk(writer, kind, value, used):
    """Adds to USED each type in VALUE, each field that it has, `T.f=` too if there is something in it, and each value of enums."""
    if kind.startswith(("list<", "map<")):
        for each in value.values() if kind.startswith("map<") else value:
            walk(writer, kind[5:-1] if kind.startswith("list<") else kind[4:-1].split(",", 1)[1], each, used)
    elif kind in writer.types and writer.types[kind]["kind"] == "enum":
        used |= {kind, f"{kind}.{writer.number_name(kind, value)}"}
    elif kind in writer.types:
        used.add(kind)
        for name, part in value.items():
            used |= {f"{kind}.{name}"} | ({f"{kind}.{name}="} if part not in (None, [], {}) else set())
            if part is not None:
                walk(writer, writer.fields[kind][name]["type"], part, used)


def applies(change, writer, used):
    """Does the value that USED is of have to do with the change? With one in what its writer has not, if the type is there."""
    kind, _, field = change["where"].partition(".")
    if not field or field not in writer.fields.get(kind, {}):
        return kind in used
    here, filled = change["where"] in used, change["where"] + "=" in used
    if change["rule"].startswith(("null-", "default-")):  # what a reader makes of null, or of nothing
        return kind in used and not filled
    return filled if change["rule"] == "type-changed" else here  # another type is not met in a list without items


def predicted(changes, direction, writer, trial):
    used = set()
    walk(writer, trial["type"], trial["json"], used)
    return together(change["json"][direction] for change in changes if applies(change, writer, used))


def audit_faults(release, writer, reader, skipped):
    """Values of WRITER for which `schema audit` says another thing than RELEASE, which reads by the schema READER, does."""
    backward = writer.version < reader.version
    pair = (writer.name, reader.name) if backward else (reader.name, writer.name)
    report = subprocess.run([sys.argv[1], "schema", "audit", "--json", *pair], stdout=subprocess.PIPE).stdout
    changes, direction = json.loads(report)[0]["changes"], "backward" if backward else "forward"
    for trial in values(writer, release):
        said, found = predicted(changes, direction, writer, trial), observed(release, writer, trial)
        if place(trial) not in skipped and said != found:
            yield f"audit of {pair[0]} and {pair[1]}: {place(trial)}: the release {found}, the audit {said}"


def value_faults(release, writer, skipped):
    for trial in values(writer, release):
        found = observed(release, writer, trial)
        if place(trial) not in skipped and found != trial["verdict"]:
            yield f"written with {writer.name}: {place(trial)}: the release {found}, pt2 {trial['verdict']}"


# ---- all of it ----

def checks(releases, schemas):
    """(release, faults) of each check."""
    index = {schema.version: i for i, schema in enumerate(schemas)}
    for release in releases:
        yield release, differences(release)
        skipped, own = unread(release, schemas), index[release.version]
        for i, writer in enumerate(schemas):
            yield release, value_faults(release, writer, skipped)
            if abs(i - own) == 1 or any(other.version == writer.version for other in neighbours(releases, release)):
                yield release, audit_faults(release, writer, schemas[own], skipped)


def neighbours(releases, release):
    """The releases before and behind that have another schema."""
    before = [r for r in releases if r.version < release.version]
    behind = [r for r in releases if r.version > release.version]
    return before[-1:] + behind[:1]


def main():
    releases = [release_readers.Release(name, folder) for name, folder in release_readers.folders().items()]
    schemas = [Schema(version["version"]) for version in pt2_json("history")]
    passed = failed = 0
    for release, faults in checks(releases, schemas):
        faults = list(faults)
        passed += not faults
        failed += bool(faults)
        for fault in faults:
            print(f"PyTorch {release.name}: {fault}")
    print(f"{passed} passed, {failed} failed, {not releases:d} skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
