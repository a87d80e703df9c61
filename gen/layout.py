# SPDX-License-Identifier: Apache-2.0
"""How each value lies in memory: what is inline, what is a pointer, in which order.

Small values stand inline, large or recursive ones behind a pointer. Sizes are those of
a 64-bit machine and only choose between the two; the C compiler has the last word.
"""

SIZES = {"bool": (1, 1), "i8": (1, 1), "i16": (2, 2), "i32": (4, 4), "enum": (4, 4), "i64": (8, 8), "double": (8, 8)}
SLICE = (16, 8)  # pointer and length: strings, lists, maps
POINTER = (8, 8)
LARGEST_INLINE_MEMBER = 16  # a union member: no larger than a string
SCALARS = set(SIZES)


class Layout:
    def __init__(self, schema):
        self.sizes = {}
        self.in_progress = set()
        self.pointers = set()  # fields that are pointers
        self.order = []  # records, contained ones first
        for record in schema.records:
            self.record_size(record)

    def record_size(self, record):
        """(size, alignment) of a record by value."""
        if record in self.sizes:
            return self.sizes[record]
        self.in_progress.add(record)
        fields = [self.field_size(record, field) for field in record.fields]
        self.in_progress.discard(record)
        if record.is_union:
            align = max([4] + [a for _, a in fields])
            size = align_up(align_up(4, align) + max([0] + [s for s, _ in fields]), align)
        else:
            align = max([1] + [a for _, a in fields] + ([4] if present_words(self, record) else []))
            size = align_up(sum(s for s, _ in fields) + 4 * present_words(self, record), align) or 1
        self.sizes[record] = (size, align)
        self.order.append(record)
        return self.sizes[record]

    def field_size(self, record, field):
        kind = field.type.kind
        if kind in SIZES:
            return SIZES[kind]
        if kind not in ("struct", "union"):
            return SLICE
        if field in self.pointers:
            return POINTER
        target = field.type.target
        inline = target not in self.in_progress
        if inline:
            size = self.record_size(target)
            if record.is_union:
                inline = size[0] <= LARGEST_INLINE_MEMBER
            elif kind == "struct":
                inline = field.required
        if inline:
            return size
        self.pointers.add(field)
        return POINTER

    def sorted_fields(self, record):
        """Fields in the order that leaves no holes: widest alignment first."""
        return sorted(record.fields, key=lambda f: -self.field_size(record, f)[1])


def needs_bit(layout, field):
    """Its presence cannot be seen from the value itself."""
    return field.type.kind in SCALARS or (field.type.kind == "struct" and field not in layout.pointers)


def present_words(layout, record):
    if record.is_union or not any(needs_bit(layout, f) for f in record.fields):
        return 0
    return (len(record.fields) + 31) // 32


def align_up(size, align):
    return (size + align - 1) // align * align
