# SPDX-License-Identifier: Apache-2.0
"""Readers of compact values, straight through the fields of each struct: what lib/codec/compact_fast.h describes.

One function for each struct, union and container that a struct holds. They read what Apache's writers write and stop
at anything else, so they hold no rule of their own; the interpreter does.
"""
from layout import needs_bit, present_words

SCALARS = {"bool": "bool", "i8": "i8", "i16": "i16", "i32": "i32", "enum": "i32", "i64": "i64", "double": "double",
           "string": "text", "binary": "text"}
STOP = "return pt2_fast_stop (r, p);"
ARGUMENTS = "(Pt2FastReader *r, const char *p, void *to, uint64_t depth)"


class Readers:
    """WRITER names types and knows their numbers."""

    def __init__(self, writer, wire_code, text_header, fewest_bytes):
        self.writer, self.wire_code = writer, wire_code
        self.text_header, self.fewest_bytes = text_header, fewest_bytes

    def text(self):
        types = [t for t in self.writer.types.values() if t.kind in self.KINDS]
        declared = [f"static const char *{self.name(t)} {ARGUMENTS};" for t in types]
        return "\n".join(declared + [""] + [self.function(t) for t in types])

    def name(self, type_):
        return self.writer.type_symbol(type_).replace("type_", "read_", 1)

    def function(self, type_):
        body = "\n".join("  " + line for line in self.KINDS[type_.kind](self, type_))
        return f"static const char *\n{self.name(type_)} {ARGUMENTS}\n{{\n{body}\n}}\n"

    def value(self, type_, at, start="p", depth="depth"):
        """The expression that reads a value at START to AT, a pointer."""
        if type_.kind in SCALARS:
            return f"pt2_fast_{SCALARS[type_.kind]} (r, {start}, {at})"
        if self.text_header(type_):
            field = type_.target.fields[0].name
            return f"pt2_fast_text_struct (r, {start}, {self.text_header(type_):#x}, &({at})->{field}, {depth})"
        return f"{self.name(type_)} (r, {start}, {at}, {depth})"

    def field(self, field, start):
        """Lines that read what is no truth value to FIELD, from START."""
        at = f"out->{field.name}"
        if field not in self.writer.layout.pointers:
            return [f"p = {self.value(field.type, '&' + at, start)};"]
        return [f"{at} = pt2_arena_alloc (r->arena, sizeof *{at});", f"if (G_UNLIKELY ({at} == NULL))", f"  {STOP}",
                f"p = {self.value(field.type, at, start)};"]

    def nothing(self, field):
        if field.type.kind in ("list", "set", "map", "struct", "union", "string", "binary"):
            pointer = field in self.writer.layout.pointers
            return f"out->{field.name} = NULL;" if pointer else f"memset (&out->{field.name}, 0, sizeof out->{field.name});"
        return f"out->{field.name} = 0;"

    def struct(self, type_):
        record = type_.target
        words = present_words(self.writer.layout, record)
        lines = [f"{self.writer.c_type(type_)} *out = to;"]
        lines += ["unsigned last = 0, size;", "uint64_t seen = 0;"] if record.fields else ["out->empty_ = 0;"]
        lines += ["if (G_UNLIKELY (depth-- == 0))", f"  {STOP}"]
        by_id = sorted(range(len(record.fields)), key=lambda i: record.fields[i].id)
        for i in by_id:
            lines += self.struct_field(record.fields[i], i, i == by_id[-1])
        lines += ["if (G_UNLIKELY (p >= r->end) || G_UNLIKELY (*p != PT2_WIRE_STOP))", f"  {STOP}"]
        lines += [f"out->present[{word}] = (uint32_t)(seen >> {32 * word});" for word in range(words)]
        return lines + ["(void)seen;"] * (not words and bool(record.fields)) + ["return p + 1;"]

    def struct_field(self, field, index, is_last):
        expect = "G_LIKELY (size > 0)" if field.required else "size > 0"
        lines = [f"size = {self.header(field, code)};" for code in [self.wire_code(field.type)]]
        if field.type.kind == "bool":
            lines += [f"out->{field.name} = size > 0;", "if (size == 0)",
                      f"  size = {self.header(field, 'PT2_WIRE_FALSE')};"]
        lines += [f"if ({expect})", "  {", f"    seen |= UINT64_C (1) << {index};"]
        if field.type.kind == "bool":
            lines += ["    p += size;"]
        else:
            lines += ["    " + line for line in self.field(field, "p + size")]
            lines += ["    if (G_UNLIKELY (p == NULL))", "      return NULL;"]
        lines += [f"    last = {field.id};"] * (not is_last) + ["  }"]
        if field.required or field.type.kind != "bool":
            lines += ["else", f"  {STOP if field.required else self.nothing(field)}"]
        return lines

    @staticmethod
    def header(field, code):
        return f"pt2_fast_header (r, p, {field.id} - last, {field.id}, {code})"

    def union(self, type_):
        record = type_.target
        by_id = sorted(record.fields, key=lambda f: f.id)
        slots = [0] * (by_id[-1].id + 1)
        for slot, field in enumerate(by_id, 1):
            slots[field.id] = slot
        lines = [f"static const uint8_t slots[] = {{ {', '.join(map(str, slots))} }};",
                 f"{self.writer.c_type(type_)} *out = to;", "unsigned type, id;",
                 "if (G_UNLIKELY (depth-- == 0))", f"  {STOP}", "p = pt2_fast_member (r, p, &type, &id);",
                 "if (G_UNLIKELY (p == NULL))", "  return NULL;", "out->which = id;",
                 "switch (id < sizeof slots ? slots[id] : 0)", "  {"]
        for slot, field in enumerate(by_id, 1):
            code = self.wire_code(field.type)
            same = f"type - {code} <= 1" if field.type.kind == "bool" else f"type == {code}"
            lines += [f"  case {slot}:", f"    if (G_UNLIKELY (!({same})))", f"      {STOP}"]
            lines += [f"    out->{field.name} = type == PT2_WIRE_TRUE;"] if field.type.kind == "bool" else [
                "    " + line for line in self.field(field, "p")]
            lines.append("    break;")
        return lines + ["  default:", f"    {STOP}", "  }", "if (G_UNLIKELY (p == NULL))", "  return NULL;",
                        "if (G_UNLIKELY (p >= r->end) || G_UNLIKELY (*p != PT2_WIRE_STOP))", f"  {STOP}", "return p + 1;"]

    def list(self, type_):
        item = type_.element
        return [f"{self.writer.c_type(type_)} *out = to;", "void *items = NULL;", "uint32_t count = 0;",
                f"p = pt2_fast_list (r, p, {self.wire_code(item)}, sizeof *out->items, {self.fewest_bytes(item)}, depth, "
                "&items, &count);", "out->items = items;", "out->len = count;",
                "for (uint32_t i = 0; G_LIKELY (p != NULL) && i < count; i++)",
                f"  p = {self.value(item, '&out->items[i]', depth='depth - 1')};", "return p;"]

    def map(self, type_):
        key, value = type_.key, type_.element
        fewest, symbol = self.fewest_bytes(key) + self.fewest_bytes(value), self.writer.type_symbol(type_)
        hashed = key.kind == "string"
        lines = [f"{self.writer.c_type(type_)} *out = to;", "void *entries = NULL;", "uint32_t count = 0;",
                 f"p = pt2_fast_map (r, p, {self.wire_code(key)} << 4 | {self.wire_code(value)}, sizeof *out->entries, "
                 f"{fewest}, depth, &entries, &count);", "out->entries = entries;", "out->len = count;"]
        if hashed:
            lines += ["size_t first = 0;", "if (G_LIKELY (p != NULL))", "  p = pt2_fast_hashes (r, p, count, &first);"]
        lines += ["for (uint32_t i = 0; G_LIKELY (p != NULL) && i < count; i++)", "  {",
                  f"    p = {self.value(key, '&out->entries[i].key', depth='depth - 1')};", "    if (G_UNLIKELY (p == NULL))",
                  "      return NULL;"]
        if hashed:
            lines.append("    pt2_fast_hash (r, first, i, count, &out->entries[i].key);")
        lines += [f"    p = {self.value(value, '&out->entries[i].value', depth='depth - 1')};", "  }"]
        check = (f"pt2_fast_hashed_keys (r, p, &{symbol}, to, first)" if hashed else f"pt2_fast_keys (r, p, &{symbol}, to)")
        return lines + [f"return G_LIKELY (p != NULL) ? {check} : NULL;"]

    KINDS = {"struct": struct, "union": union, "list": list, "set": list, "map": map}
