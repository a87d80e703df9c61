# SPDX-License-Identifier: Apache-2.0
"""Random values of generated types: every field, member and container of the schema, with the numbers and texts at
the edges of what the encodings can hold. The same seed gives the same value."""
import random
import struct

from python_peer import CONTAINERS, fields_of
from thrift.Thrift import TType

INTEGERS = (0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2**31 - 1, -2**31, 2**32, 2**53 + 1, 2**63 - 1, -2**63)
ENUMS = (0, 1, 2, 3, 4, 5, 6, 7, 28, 35, 36, -1, 2**31 - 1, -2**31)
DOUBLES = (0.0, -0.0, 1.0, 0.1, -1.5, 1e16, 1e-5, 1e-4, 123456789012345680.0, 1e22, 5e-324, 2.2250738585072014e-308,
           1.7976931348623157e308, float("inf"), float("-inf"), float("nan"))
TEXTS = ("", "x", "a.weight", "Symbol('s77', integer=True)", '"quoted" \\ back/slash', "\t\n\r\b\f\x01\x1f\x7f", "naïve",
         "\u2028\u202e\ufeff", "日本語", "😀\U0010ffff", "\ud7ff\ue000\uffff", "NaN", "[]", "long " * 60)
LENGTHS = (0, 1, 1, 2, 2, 3)
SCALAR_LENGTHS = LENGTHS + (14, 15, 16, 130)


class Maker:
    def __init__(self, schema, seed, texts=TEXTS, structs=400):
        self.schema, self.random, self.texts, self.left = schema, random.Random(seed), texts, structs

    def value(self, kind, details):
        if kind == TType.STRUCT:
            return self.struct(details[0])
        if kind in CONTAINERS:
            return [self.value(details[0], details[1]) for _ in range(self.length(details[0]))]
        if kind == TType.MAP:
            return {self.value(details[0], details[1]): self.value(details[2], details[3])
                    for _ in range(self.length(details[2]))}
        return self.scalar(kind)

    def scalar(self, kind):
        choose = self.random.choice
        if kind == TType.BOOL:
            return choose((True, False))
        if kind == TType.DOUBLE:
            bits = struct.unpack("<d", self.random.randbytes(8))[0]
            return choose(DOUBLES + (bits,) * 8) if bits == bits else choose(DOUBLES)
        if kind == TType.STRING:
            return choose(self.texts) + choose(("", "", str(self.random.randrange(1000))))
        edges, bits = {TType.I64: (INTEGERS, 63), TType.I32: (ENUMS, 5)}[kind]
        return choose(edges + (self.random.getrandbits(self.random.randrange(1, bits)),) * 8)

    def length(self, kind):
        if kind in (TType.STRUCT, TType.MAP) or kind in CONTAINERS:
            return self.random.choice(LENGTHS) if self.left > 0 else 0
        return self.random.choice(SCALAR_LENGTHS)

    def struct(self, class_):
        self.left -= 1
        made, fields = class_(), fields_of(class_)
        if class_.__name__ in self.schema.unions:
            fields = self.one_member(fields)
        for name, (_, kind, _, details, _) in fields.items():
            required = (class_.__name__, name) in self.schema.required or class_.__name__ in self.schema.unions
            if required or (self.left > 0 and self.random.random() < 0.7):
                setattr(made, name, self.value(kind, details))
        return made

    def one_member(self, fields):
        """Any member; when there are enough structs already, one that ends here, if there is one."""
        ends = [name for name, entry in fields.items() if entry[1] not in (TType.STRUCT, TType.MAP)]
        name = self.random.choice(ends if self.left <= 0 and ends else list(fields))
        return {name: fields[name]}


def make(class_, schema, seed, nul=False):
    """A value of CLASS; with NUL, one with NUL characters in its texts."""
    made = Maker(schema, seed, TEXTS + ("\0", "a\0b") if nul else TEXTS).struct(class_)
    if hasattr(made, "schema_version"):
        made.schema_version.major, made.schema_version.minor = 8, 20
    return made
