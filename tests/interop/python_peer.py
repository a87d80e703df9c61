# SPDX-License-Identifier: Apache-2.0
"""Apache Thrift's Python library as a peer: JSON, compact and binary by types generated from our IDL.

The JSON side is a second opinion on the IDL: it is driven by the generated thrift_spec and knows nothing of libpt2's
code. Where an older program leaves something out, the `since` and `default` of the schema's XML say so. It reads
the spelling that PyTorch writes and nothing else: what it does not expect is an error.
"""
import importlib
import json
import sys
import xml.etree.ElementTree as ElementTree

from thrift.protocol.TBinaryProtocol import TBinaryProtocol, TBinaryProtocolAccelerated
from thrift.protocol.TCompactProtocol import TCompactProtocol, TCompactProtocolAccelerated
from thrift.Thrift import TType
from thrift.transport.TTransport import TMemoryBuffer

NEWEST = 20
NULLS_WRITTEN_FROM = 7  # minors of major 8 before it leave a null optional out
CONTAINERS = (TType.LIST, TType.SET)
PLAIN = {TType.BOOL: bool, TType.I64: int, TType.I32: int, TType.STRING: str}


class PeerError(Exception):
    """The data and the generated types do not fit each other."""


def load_types(folder, package="pt2_thrift"):
    """The module of types that `thrift --gen py` wrote."""
    sys.setrecursionlimit(20000)
    sys.path.insert(0, folder)
    return importlib.import_module(package + ".ttypes")


class Schema:
    """What thrift_spec does not say of a field: which struct is a union, what a missing field stands for."""

    def __init__(self, xml):
        self.unions, self.notes, self.required = set(), {}, set()
        for record in ElementTree.parse(xml).getroot().find("document"):
            if record.tag == "union":
                self.unions.add(record.get("name"))
            if record.tag in ("struct", "union"):
                for field in record.findall("field"):
                    self.add_field(record.get("name"), field)

    def add_field(self, record, field):
        key = record, field.get("name")
        self.notes[key] = {note.get("key"): note.get("value") for note in field.findall("annotation")}
        if field.get("required") != "optional" and record not in self.unions:
            self.required.add(key)

    def absent(self, record, field, minor):
        """(is the key written, its value) for a field that is not there."""
        notes = self.notes[record, field]
        if notes.get("json.null_key") == "true":
            return True, None
        if minor < int(notes.get("since", "8.1").split(".")[1]) or "default" not in notes:
            return False, None
        value = json.loads(notes["default"])
        return value is not None or minor >= NULLS_WRITTEN_FROM, value


def fields_of(class_):
    """Generated fields in the order of the IDL: name -> thrift_spec entry."""
    entries = {entry[2]: entry for entry in class_.thrift_spec if entry is not None}
    names = class_.__init__.__code__.co_varnames[1:class_.__init__.__code__.co_argcount]
    return {name: entries[name] for name in names}


# ---- JSON to objects ----

def to_object(value, kind, details):
    if kind == TType.STRUCT:
        return struct_to_object(value, details[0])
    if kind in CONTAINERS:
        return [to_object(item, details[0], details[1]) for item in value]
    if kind == TType.MAP:
        return {key: to_object(item, details[2], details[3]) for key, item in value.items()}
    if kind == TType.DOUBLE:
        return float(value)
    if type(value) is not PLAIN[kind]:
        raise PeerError(f"{value!r} is no {PLAIN[kind].__name__}")
    return value


def struct_to_object(value, class_):
    fields = fields_of(class_)
    made = class_()
    for key, item in value.items():
        if key not in fields:
            raise PeerError(f"{class_.__name__} has no field {key}")
        if item is not None:
            setattr(made, key, to_object(item, fields[key][1], fields[key][3]))
    return made


def from_json(text, class_):
    return struct_to_object(json.loads(text), class_)


# ---- objects to JSON ----

class ToJson:
    def __init__(self, schema, minor):
        self.schema, self.minor = schema, minor

    def value(self, value, kind, details):
        if kind == TType.STRUCT:
            return self.struct(value, details[0])
        if kind in CONTAINERS:
            return [self.value(item, details[0], details[1]) for item in value]
        if kind == TType.MAP:
            return {key: self.value(item, details[2], details[3]) for key, item in value.items()}
        if kind == TType.DOUBLE:
            return non_finite(value)
        return value

    def struct(self, value, class_):
        name, made = class_.__name__, {}
        for field, entry in fields_of(class_).items():
            item = getattr(value, field)
            if item is not None:
                made[field] = self.value(item, entry[1], entry[3])
            elif name not in self.schema.unions:
                written, default = self.schema.absent(name, field, self.minor)
                if written:
                    made[field] = default
        return made


def non_finite(value):
    if value != value:
        return "NaN"
    return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, value)


def to_json(value, schema):
    minor = value.schema_version.minor if hasattr(value, "schema_version") else NEWEST
    return json.dumps(ToJson(schema, minor).struct(value, type(value))).encode()


# ---- compact and binary ----

PURE = {"compact": TCompactProtocol, "binary": TBinaryProtocol}
ACCELERATED = {"compact": TCompactProtocolAccelerated, "binary": TBinaryProtocolAccelerated}


def make_protocol(transport, name, pure):
    """The protocol written in Python, or the one in C."""
    return PURE[name](transport) if pure else ACCELERATED[name](transport, fallback=False)


def from_bytes(data, class_, protocol, pure=False):
    transport = TMemoryBuffer(data)
    made = class_()
    made.read(make_protocol(transport, protocol, pure))
    left = len(data) - transport.cstringio_buf.tell()
    if left != 0:
        raise PeerError(f"{left} bytes after the struct")
    return made


def to_bytes(value, protocol, pure=False):
    transport = TMemoryBuffer()
    value.write(make_protocol(transport, protocol, pure))
    return transport.getvalue()


def from_compact(data, class_, pure=False):
    return from_bytes(data, class_, "compact", pure)


def to_compact(value, pure=False):
    return to_bytes(value, "compact", pure)


def sort_maps(value):
    """Puts the keys of every map below VALUE in the order of their UTF-8 bytes, as C++ has them. Returns VALUE."""
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: item[0].encode())
        value.clear()
        value.update(items)
        below = value.values()
    elif isinstance(value, list):
        below = value
    else:
        below = vars(value).values() if hasattr(value, "thrift_spec") else ()
    for item in below:
        sort_maps(item)
    return value


def sorted_compact(data, class_):
    """DATA with the keys of its maps in order."""
    return to_compact(sort_maps(from_compact(data, class_)))
