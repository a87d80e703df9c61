#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says what the containers of the GObject types of an IDL hold, in the comments that g-ir-scanner reads.

    property_types.py --xml IDL.xml --prefix Pt2Thrift --header OUT.h

The thrift compiler's c_glib code has no comments of that kind: to other languages a list would be addresses, and a map
nothing at all. OUT.h has nothing but comments. What introspection has no words for (containers in containers, maps of
numbers) is left out, so that nobody is given an address.
"""
import argparse
import sys

from model import read_schema

C_TYPES = {"bool": "gboolean", "i8": "gint8", "i16": "gint16", "i32": "gint32", "i64": "gint64", "double": "gdouble",
           "string": "utf8"}
TEMPLATE = """
/**
 * {owner}:{property}: ({notes})
 *
 * {doc}
 */
"""


def word(type_, prefix):
    """What one item is called; None where there is no word."""
    if type_.kind in ("struct", "union", "enum"):
        return prefix + type_.target.name
    return C_TYPES.get(type_.kind)


def notes(type_, prefix):
    """The annotation of a container, None for what is none."""
    if type_.kind not in ("map", "list", "set"):
        return None
    item = word(type_.element, prefix)
    boxed = type_.element.kind in ("string", "struct", "union")
    if type_.kind == "list" and item:
        return f"type GLib.{'PtrArray' if boxed else 'Array'}({item})"
    if type_.kind == "map" and type_.key.kind == "string" and boxed:
        return f"type GLib.HashTable(utf8,{item})"
    return "skip"


def comments(schema, prefix):
    for record in schema.records:
        for field in record.fields:
            said = notes(field.type, prefix)
            if said:
                yield TEMPLATE.format(owner=prefix + record.name, property=field.name.replace("_", "-"), notes=said,
                                      doc=field.doc or field.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--xml", "--prefix", "--header"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    with open(options.header, "w", encoding="utf-8") as header:
        header.write("/* SPDX-License-Identifier: Apache-2.0 */\n")
        header.writelines(comments(read_schema(options.xml), options.prefix))
    return 0


if __name__ == "__main__":
    sys.exit(main())
