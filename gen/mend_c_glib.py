#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GObject types of an IDL: what the thrift compiler writes for c_glib, mended so that it compiles.

    mend_c_glib.py --thrift thrift --idl FILE.thrift --header OUT.h --source OUT.c

The compiler (0.17) declares each struct just before the next, so a struct that is used above its own declaration, as
in any recursion, does not compile; its class cast macros name type macros that do not exist; types are registered
without a lock and not under their C names, by which introspection finds them; objects leak what GObject keeps for them; and enums have a function that is called toString_NAME in every program. All are mended by the shape of
the text, whatever the names, and g_autoptr is made to work. Nothing else is changed; docs/apache-thrift.md lists what is left wrong.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

DECLARATION = re.compile(r"^typedef struct _(\w+) \1;\n", re.M)
PLACE = "/* begin types */\n"


class MendError(Exception):
    """The compiler's output has not the shape that is mended here."""


def run_compiler(thrift, idl, folder):
    """Returns the texts of the header and the source."""
    subprocess.run([thrift, "--gen", "c_glib", "-out", folder, idl], check=True)
    texts = {}
    for name in os.listdir(folder):
        if name.endswith(("_types.h", "_types.c")):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                texts[name[-1]] = (name, file.read())
    if set(texts) != {"h", "c"}:
        raise MendError(f"{thrift} wrote no types for c_glib")
    return texts["h"], texts["c"]


def declare_first(text):
    """Moves the declarations of all structs before the first of them."""
    if text.count(PLACE) != 1:
        raise MendError("the header has no place where types begin")
    declared = "".join(found.group() for found in DECLARATION.finditer(text))
    before, after = DECLARATION.sub("", text).split(PLACE)
    return before + PLACE + "\n" + declared + after


def declare_cleanup(text):
    """g_autoptr works for every type, as for other objects."""
    names = DECLARATION.findall(text)
    lines = [f"G_DEFINE_AUTOPTR_CLEANUP_FUNC ({name}, g_object_unref)\n" for name in names if not name.endswith("Class")]
    before, end, after = text.rpartition("#endif")
    return before + "".join(lines) + "\n" + end + after


def correct_class_casts(text):
    """PREFIX__TYPE_NAME where PREFIX_TYPE_NAME is what is defined."""
    return re.sub(r"(G_TYPE_CHECK_CLASS_CAST \(\(c\), \w+?)__TYPE_", r"\1_TYPE_", text)


def register_once(text):
    """Types are registered by the first thread that asks, while the others wait; under the names of their structs."""
    text, types = re.subn(r"  static GType type = 0;\n\n  if \(type == 0\) \n", "  static gsize type = 0;\n\n  if (g_once_init_enter (&type))\n",
                          text)
    text, calls = re.subn(r"    type = g_type_register_static \(([^;]*)\);\n", r"    GType made = g_type_register_static (\1);\n"
                          "    g_once_init_leave (&type, made);\n", text)
    text, names = re.subn(r'(g_type_register_static \([^;"]*"\w+)Type"', r'\1"', text)
    if not types == calls == names:
        raise MendError("the types are registered in another way than is mended here")
    return text


def finish_objects(text):
    """What GObject itself keeps for an object is freed too: 160 bytes each."""
    chain = "  G_OBJECT_CLASS (g_type_class_peek (THRIFT_TYPE_STRUCT))->finalize (object);\n"
    text, count = re.subn(r"(_finalize \(GObject \*object\)\n\{\n.*?\n)\}\n", lambda found: found.group(1) + chain + "}\n", text,
                          flags=re.S)
    if count != text.count("_finalize (GObject *object)\n{"):
        raise MendError("the objects are finalized in another way than is mended here")
    return text


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def name_enum_functions(text, idl):
    """toString_Name becomes namespace_name_to_string: two IDLs then fit into one program."""
    with open(idl, encoding="utf-8") as file:
        namespace = re.search(r"^\s*namespace\s+c_glib\s+(\w+)", file.read(), re.M)
    prefix = snake(namespace.group(1)) + "_" if namespace else ""
    return re.sub(r"\btoString_(\w+) ?\(", lambda found: f"{prefix}{snake(found.group(1))}_to_string (", text)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def generate(thrift, idl, header=None, source=None, folder=None):
    """Writes the mended types to HEADER and SOURCE, or into FOLDER under the compiler's own names."""
    with tempfile.TemporaryDirectory() as scratch:
        (header_name, header_text), (source_name, source_text) = run_compiler(thrift, idl, scratch)
    header = header or os.path.join(folder, header_name)
    source = source or os.path.join(folder, source_name)
    include = '#include "{}"'
    source_text = source_text.replace(include.format(header_name), include.format(os.path.basename(header)))
    write(header, name_enum_functions(correct_class_casts(declare_cleanup(declare_first(header_text))), idl))
    write(source, name_enum_functions(finish_objects(register_once(source_text)), idl))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--thrift", "--idl", "--header", "--source"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    generate(options.thrift, options.idl, options.header, options.source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
