# SPDX-License-Identifier: Apache-2.0
"""The schema as the thrift compiler understood it: its XML read into plain objects.

Reads what `thrift --gen xml:no_namespaces` writes (its JSON output drops the links
from fields to enums). Decides what an IDL means for us: presence, defaults, the
minor that brought a name. Knows nothing of C.
"""
import json
import xml.etree.ElementTree as ElementTree

SCALARS = {"bool", "i8", "i16", "i32", "i64", "double", "string", "binary"}
RENAMED = {"byte": "i8"}
# What the generated structs call parts of their own.
TAKEN = {"present": "struct", "empty_": "struct", "which": "union"}
C_WORDS = set("auto bool break case char const continue default do double else enum extern false float for goto if inline "
              "int long register restrict return short signed sizeof static struct switch true typedef union unsigned "
              "void volatile while".split())


class SchemaError(Exception):
    """The IDL says something that the tables cannot hold."""


class Type:
    """A use of a type: a scalar, a container, or a named enum, struct or union."""

    def __init__(self, kind, element=None, key=None, target=None):
        self.kind, self.element, self.key, self.target = kind, element, key, target

    @property
    def name(self):
        if self.kind == "map":
            return f"map<{self.key.name},{self.element.name}>"
        if self.kind in ("list", "set"):
            return f"{self.kind}<{self.element.name}>"
        return self.target.name if self.target else self.kind


class Field:
    def __init__(self, name, number, type_, required, notes, doc):
        self.name, self.id, self.type, self.doc = name, number, type_, doc
        self.required = required
        self.null_key = notes.get("json.null_key") == "true"
        self.unit_until = minor_of(notes["json.unit"]) if "json.unit" in notes else 0
        self.since = minor_of(notes.get("since", "8.1"))
        self.default = notes.get("default")


class Record:
    """A struct or a union."""

    def __init__(self, name, is_union, doc):
        self.name, self.is_union, self.doc, self.fields = name, is_union, doc, []


class Enum:
    def __init__(self, name, doc, notes):
        self.name, self.doc, self.members = name, doc, []
        self.renumbered_at = minor_of(notes["renumbered"]) if "renumbered" in notes else 0
        self.old_numbers = [number_of(n) for n in notes.get("old_numbers", "").split(",") if n.strip()]


class Member:
    def __init__(self, name, value, notes, doc):
        self.name, self.value, self.doc = name, value, doc
        self.torch = notes.get("torch")
        self.since = minor_of(notes.get("since", "8.1"))


class Schema:
    def __init__(self):
        self.enums, self.records, self.constants = [], [], []


def minor_of(version):
    major, _, minor = version.partition(".")
    if major != "8" or not minor.isascii() or not minor.isdigit():
        raise SchemaError(f"{version!r} is no minor of major 8, such as 8.4")
    return int(minor)


def number_of(text):
    try:
        return int(text)
    except ValueError:
        raise SchemaError(f"{text.strip()!r} is no number") from None


def notes_of(element):
    return {a.get("key"): a.get("value") for a in element.findall("annotation")}


def doc_of(element):
    return " ".join((element.get("doc") or "").split())


class Reader:
    def __init__(self, document):
        self.document = document
        self.named = {}
        self.typedefs = {t.get("name"): t for t in document.findall("typedef")}

    def type_of(self, element):
        kind = RENAMED.get(element.get("type"), element.get("type"))
        if kind == "id":
            return self.named_type(element.get("type-id"))
        if kind in ("list", "set"):
            return Type(kind, element=self.type_of(element.find("elemType")))
        if kind == "map":
            key = self.type_of(element.find("keyType"))
            if key.kind not in SCALARS | {"enum"}:
                raise SchemaError(f"a map with keys of type {key.name}: only scalars, texts and enums can be keys")
            return Type("map", element=self.type_of(element.find("valueType")), key=key)
        if kind in SCALARS:
            return Type(kind)
        raise SchemaError(f"type {kind} has no native form")

    def named_type(self, name):
        if name in self.typedefs:
            return self.type_of(self.typedefs[name])
        if name not in self.named:
            raise SchemaError(f"type {name} is not in this file")
        target = self.named[name]
        kind = "enum" if isinstance(target, Enum) else "union" if target.is_union else "struct"
        return Type(kind, target=target)

    def read_enum(self, element):
        enum = self.named[element.get("name")]
        for member in element.findall("member"):
            enum.members.append(Member(member.get("name"), int(member.get("value")), notes_of(member), doc_of(member)))
        if len({m.value for m in enum.members}) != len(enum.members):
            raise SchemaError(f"{enum.name}: two members of one value")

    def read_record(self, element):
        record = self.named[element.get("name")]
        for field in element.findall("field"):
            notes = notes_of(field)
            required = not record.is_union and field.get("required") != "optional"
            made = Field(field.get("name"), int(field.get("field-id")), self.type_of(field), required, notes, doc_of(field))
            if made.default is not None:
                check_json(f"{record.name}.{made.name}", made.default)
            elif field.find("default") is not None:
                made.default = literal_text(made.type, field.find("default")[0])
            record.fields.append(made)
        check_record(record)

    def read(self):
        schema = Schema()
        for element in self.document:
            name = element.get("name")
            if element.tag == "enum":
                self.named[name] = Enum(name, doc_of(element), notes_of(element))
                schema.enums.append(self.named[name])
            elif element.tag in ("struct", "union", "exception"):
                self.named[name] = Record(name, element.tag == "union", doc_of(element))
                schema.records.append(self.named[name])
        for element in self.document:
            if element.tag == "enum":
                self.read_enum(element)
            elif element.tag in ("struct", "union", "exception"):
                self.read_record(element)
        for element in self.document.findall("const"):
            type_ = self.type_of(element)
            schema.constants.append((element.get("name"), type_, literal_text(type_, element[-1])))
        for record in schema.records:
            check_ends(record, [])
        return schema


def check_record(record):
    if len(record.fields) > 64:
        raise SchemaError(f"{record.name}: more than 64 fields")
    for field in record.fields:
        if not 0 < field.id < 32767:
            raise SchemaError(f"{record.name}.{field.name}: id {field.id} is reserved or out of range")
        if field.name in C_WORDS or TAKEN.get(field.name) == ("union" if record.is_union else "struct"):
            raise SchemaError(f"{record.name}.{field.name}: the C struct cannot have a field of that name")


def check_ends(record, inside):
    """A struct that demands itself could never be complete."""
    if record in inside:
        raise SchemaError(f"{record.name}: required inside itself, so no value of it can end")
    for field in record.fields:
        if field.required and field.type.kind == "struct":
            check_ends(field.type.target, inside + [record])


def check_json(where, text):
    try:
        json.loads(text)
    except ValueError:
        raise SchemaError(f"{where}: the default {text!r} is no JSON text") from None


def literal_text(type_, element):
    """A default or constant as JSON text."""
    kind, text = type_.kind, element.text or ""
    if kind == "bool":
        return "true" if text == "1" else "false"
    if kind in ("string", "binary"):
        return json.dumps(text)
    if kind in ("list", "set"):
        return "[" + ", ".join(literal_text(type_.element, e[0]) for e in element) + "]"
    if kind == "map":
        return "{" + ", ".join(entry_text(type_, e) for e in element) + "}"
    if kind in ("struct", "union"):
        raise SchemaError(f"a literal of type {type_.name}: write it as an annotation, default = JSON")
    return text


def entry_text(type_, entry):
    key, value = (literal_text(t, entry.find(name)[0]) for t, name in ((type_.key, "key"), (type_.element, "value")))
    return f"{key if key.startswith(chr(34)) else json.dumps(key)}: {value}"


def read_schema(path):
    root = ElementTree.parse(path).getroot()
    if len(root.findall("document")) != 1 or root.find("document/include") is not None:
        raise SchemaError("an IDL that includes others")
    return Reader(root.find("document")).read()
