#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dependencies point downward only: no room of lib/ includes a header of a room that it may not
know, inner rooms know no GObject, and the command includes public headers only.

    check_layers.py PUBLIC_HEADER…
"""
import pathlib
import re

import house

# Each room and the rooms directly below it; what those know, it knows too.
BELOW = {
    "base": [],
    "schema": ["base"],
    "codec": ["schema"],
    "sym": ["base"],
    "ops": ["base"],
    "zip": ["base"],
    "pickle": ["zip"],
    "program": ["codec", "sym"],
    "archive": ["program", "zip", "pickle", "ops"],
    "graph": ["program", "ops"],
    "build": ["archive", "graph", "ops"],
    "compare": ["program", "archive"],
    "evolve": ["program", "archive"],
    "thrift": ["program", "archive"],
    "exchange": ["program", "archive", "check", "compare", "evolve"],
    "check": ["graph", "archive", "compare"],
}
WITHOUT_GOBJECT = ["base", "schema", "codec", "sym", "ops"]
GENERATED = {"pt2-schema.h": "schema", "number_powers.h": "base", "operator_table.h": "ops", "pt2-thrift-types.h": "thrift", "pt2-exchange.h": "exchange"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.M)


def known(room):
    """The rooms that ROOM may include, itself among them."""
    rooms = {room}
    for below in BELOW[room]:
        rooms |= known(below)
    return rooms


def check_room_file(room, name, text, home):
    """Faults of one file of a room; HOME says which room a header belongs to."""
    for quoted, system in INCLUDE.findall(text):
        header = pathlib.PurePath(quoted or system).name
        where = home.get(header)
        if where is not None and where not in known(room):
            yield f"{name}: {room} includes {header} of {where}, which is not below it"
        elif quoted and where is None:
            yield f"{name}: nobody knows {header}"
        elif system in ("glib-object.h", "gio/gio.h") and room in WITHOUT_GOBJECT:
            yield f"{name}: {room} knows no GObject"


def check_tool_file(name, text, public, own):
    for quoted, _ in INCLUDE.findall(text):
        if quoted and pathlib.PurePath(quoted).name not in public | own:
            yield f"{name}: the command includes {quoted}, which is not public"


def check(*public_headers):
    lib = house.ROOT / "lib"
    files = sorted(path for path in lib.glob("*/*.[ch]"))
    home = dict(GENERATED)
    faults = []
    for path in [*files, *lib.glob("*/*.def")]:
        room = path.parent.name
        if room not in BELOW:
            faults.append(f"{path.relative_to(house.ROOT)}: {room} is no room of DESIGN's table (BELOW in this test)")
        elif path.suffix != ".c" and home.setdefault(path.name, room) != room:
            faults.append(f"{path.relative_to(house.ROOT)}: {home[path.name]} has a header of that name too")
    for path in files:
        if path.parent.name in BELOW:
            name = str(path.relative_to(house.ROOT))
            faults += check_room_file(path.parent.name, name, path.read_text(encoding="utf-8"), home)
    public = {pathlib.PurePath(header).name for header in public_headers} | {"pt2-schema.h"}
    tools = sorted((house.ROOT / "tools").glob("**/*.[ch]"))
    own = {path.name for path in tools if path.suffix == ".h"}
    for path in tools:
        faults += check_tool_file(str(path.relative_to(house.ROOT)), path.read_text(encoding="utf-8"), public, own)
    return len(files) + len(tools), faults


if __name__ == "__main__":
    house.main(check)
