# SPDX-License-Identifier: Apache-2.0
"""Writers of compact values, straight through the fields of each struct: what lib/codec/compact_fast.h describes.

One function for each struct, union and container that a struct holds. They leave PT2_FAST_ROOM bytes free. At what needs more than tables (a member the schema does not know, lengths past 31 bits, no memory) they
stop, and the interpreter writes the document.
"""
from readers import SCALARS

ARGUMENTS = "(Pt2FastWriter *w, char *p, const void *value)"
ROOM = 32  # PT2_FAST_ROOM
HEADER, HEAD, STOP_BYTE = 4, 10, 1
LONGEST = {"bool": 0, "i8": 1, "i16": 3, "i32": 5, "enum": 5, "i64": 10, "double": 8}


class Writers:
    """WRITER names types and knows their numbers."""

    def __init__(self, writer, wire_code, text_header):
        self.writer, self.wire_code, self.text_header = writer, wire_code, text_header

    def text(self):
        types = [t for t in self.writer.types.values() if t.kind in self.KINDS]
        declared = [f"static char *{self.name(t)} {ARGUMENTS};" for t in types]
        return "\n".join(declared + [""] + [self.function(t) for t in types])

    def name(self, type_):
        return self.writer.type_symbol(type_).replace("type_", "write_", 1)

    def function(self, type_):
        body = "\n".join("  " + line for line in self.KINDS[type_.kind](self, type_))
        return f"static char *\n{self.name(type_)} {ARGUMENTS}\n{{\n{body}\n}}\n"

    def value(self, type_, at):
        """The expression that writes the value at AT, a pointer. Scalars leave less room, all others ROOM."""
        if type_.kind in SCALARS:
            return f"pt2_fast_put_{SCALARS[type_.kind]} (w, p, {'' if SCALARS[type_.kind] == 'text' else '*'}{at})"
        if self.text_header(type_):
            return f"pt2_fast_put_text_struct (w, p, {self.text_header(type_):#x}, &({at})->{type_.target.fields[0].name})"
        return f"{self.name(type_)} (w, p, {at})"

    def there(self, field, index):
        at = f"from->{field.name}"
        if field in self.writer.layout.pointers:
            return f"{at} != NULL"
        if field.type.kind == "union":
            return f"{at}.which != 0"
        part = {"string": "data", "binary": "data", "list": "items", "set": "items", "map": "entries"}.get(field.type.kind)
        if part:
            return f"{at}.{part} != NULL"
        if self.text_header(field.type):
            return f"{at}.{field.type.target.fields[0].name}.data != NULL"
        return f"(from->present[{index // 32}] >> {index % 32} & 1) != 0"

    def field(self, field, last):
        """Lines that write header and value."""
        at = f"from->{field.name}"
        if field.type.kind == "bool":
            code = f"({at} ? PT2_WIRE_TRUE : PT2_WIRE_FALSE)"
            return [f"p = pt2_fast_put_header (p, {field.id} - {last}, {field.id}, {code});"]
        pointer = field in self.writer.layout.pointers
        lines = [f"p = pt2_fast_put_header (p, {field.id} - {last}, {field.id}, {self.wire_code(field.type)});",
                 f"p = {self.value(field.type, at if pointer else '&' + at)};"]
        return lines + ["if (G_UNLIKELY (p == NULL))", "  return NULL;"] * (field.type.kind not in LONGEST)

    def struct(self, type_):
        record, free = type_.target, ROOM
        lines = [f"const {self.writer.c_type(type_)} *from = value;", "unsigned last = 0;", *self.room()]
        for index in sorted(range(len(record.fields)), key=lambda i: record.fields[i].id):
            field = record.fields[index]
            scalar = field.type.kind in LONGEST
            need = HEADER + LONGEST.get(field.type.kind, HEAD) + STOP_BYTE
            if free < need:
                lines += self.room()
                free = ROOM
            lines += [f"if ({self.there(field, index)})", "  {"]
            lines += ["    " + line for line in self.field(field, "last")] + [f"    last = {field.id};", "  }"]
            # Others leave ROOM, or are absent and leave what there was.
            free -= HEADER + LONGEST[field.type.kind] if scalar else 0
        return lines + ["(void)from, (void)last;", "*p++ = PT2_WIRE_STOP;", *self.room(), "return p;"]

    @staticmethod
    def room():
        return ["p = pt2_fast_room (w, p, PT2_FAST_ROOM);", "if (G_UNLIKELY (p == NULL))", "  return NULL;"]

    def union(self, type_):
        lines = [f"const {self.writer.c_type(type_)} *from = value;", *self.room(), "switch (from->which)", "  {"]
        for field in type_.target.fields:
            lines += [f"  case {field.id}:"] + ["    " + line for line in self.field(field, "0u")] + ["    break;"]
        return lines + ["  default:", "    return NULL;", "  }", "*p++ = PT2_WIRE_STOP;", *self.room(), "return p;"]

    def list(self, type_):
        item = type_.element
        return [f"const {self.writer.c_type(type_)} *from = value;",
                f"p = pt2_fast_put_list (w, p, from->len, {self.wire_code(item)});",
                "for (uint32_t i = 0; G_LIKELY (p != NULL) && i < from->len; i++)", "  {",
                *("    " + line for line in self.item(item, "&from->items[i]")), "  }", "return p;"]

    def item(self, type_, at):
        if type_.kind == "bool":
            return [f"*p++ = *{at} ? PT2_WIRE_TRUE : PT2_WIRE_FALSE;", *self.room()]
        return [f"p = {self.value(type_, at)};", *(self.room() if type_.kind in LONGEST else [])]

    def map(self, type_):
        key, value = type_.key, type_.element
        return [f"const {self.writer.c_type(type_)} *from = value;",
                f"p = pt2_fast_put_map (w, p, from->len, {self.wire_code(key)} << 4 | {self.wire_code(value)});",
                "for (uint32_t i = 0; G_LIKELY (p != NULL) && i < from->len; i++)", "  {",
                *("    " + line for line in self.item(key, "&from->entries[i].key")),
                "    if (G_LIKELY (p != NULL))", "      {",
                *("        " + line for line in self.item(value, "&from->entries[i].value")), "      }", "  }", "return p;"]

    KINDS = {"struct": struct, "union": union, "list": list, "set": list, "map": map}
