# SPDX-License-Identifier: Apache-2.0
"""The schema as the thrift compiler understood it: its XML read into plain objects.

Reads what `thrift --gen xml:no_namespaces` writes (its JSON output drops the links
from fields to enums). Decides what an IDL means for us: presence, defaults, the
minor that brought a name. Knows nothing of C.
"""
import xml.etree.ElementTree as ElementTree

SCALARS = {"bool", "i8", "i16", "i32", "i64", "double", "string", "binary"}
RENAMED = {"byte": "i8"}


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
        self.old_numbers = [int(n) for n in notes.get("old_numbers", "").split(",") if n.strip()]


class Member:
    def __init__(self, name, value, notes, doc):
        self.name, self.value, self.doc = name, value, doc
        self.torch = notes.get("torch")
        self.since = minor_of(notes.get("since", "8.1"))


class Schema:
    def __init__(self):
        self.enums, self.records, self.constants = [], [], []


def minor_of(version):
    return int(version.split(".")[1])


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
            return Type("map", element=self.type_of(element.find("valueType")), key=self.type_of(element.find("keyType")))
        if kind in SCALARS:
            return Type(kind)
        raise SchemaError(f"type {kind} has no native form")

    def named_type(self, name):
        if name in self.typedefs:
            return self.type_of(self.typedefs[name])
        target = self.named[name]
        kind = "enum" if isinstance(target, Enum) else "union" if target.is_union else "struct"
        return Type(kind, target=target)

    def read_enum(self, element):
        enum = self.named[element.get("name")]
        for member in element.findall("member"):
            enum.members.append(Member(member.get("name"), int(member.get("value")), notes_of(member), doc_of(member)))

    def read_record(self, element):
        record = self.named[element.get("name")]
        for field in element.findall("field"):
            notes = notes_of(field)
            required = not record.is_union and field.get("required") != "optional"
            made = Field(field.get("name"), int(field.get("field-id")), self.type_of(field), required, notes, doc_of(field))
            if made.default is None and field.find("default") is not None:
                made.default = literal_text(field.find("default")[0])
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
            elif element.tag == "const":
                schema.constants.append((name, element.get("type"), literal_text(element[0])))
        for element in self.document:
            if element.tag == "enum":
                self.read_enum(element)
            elif element.tag in ("struct", "union", "exception"):
                self.read_record(element)
        return schema


def check_record(record):
    if len(record.fields) > 64:
        raise SchemaError(f"{record.name}: more than 64 fields")
    for field in record.fields:
        if not 0 < field.id < 32767:
            raise SchemaError(f"{record.name}.{field.name}: id {field.id} is reserved or out of range")


def literal_text(element):
    """A default or constant as JSON text."""
    kind, text = element.tag, element.text or ""
    if kind == "string":
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind in ("list", "set"):
        return "[" + ", ".join(literal_text(e[0] if e.tag == "entry" else e) for e in element) + "]"
    if kind == "map":
        return "{" + ", ".join(f"{literal_text(e.find('key')[0])}: {literal_text(e.find('value')[0])}" for e in element) + "}"
    return text


def read_schema(path):
    return Reader(ElementTree.parse(path).getroot().find("document")).read()
