# SPDX-License-Identifier: Apache-2.0
"""docs/content-id.md once more, without libpt2: the hash of the tensors and of both."""
import hashlib


def digest(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def leaf(name, dtype, shape, elements):
    """ELEMENTS: row-major, little-endian; None if they cannot be had."""
    kind = dtype + (" " + ",".join(map(str, shape)) if shape else "")
    return digest(b"pt2h1 tensor\n", name.encode(), b"\0", kind.encode(), b"\0",
                  b"" if elements is None else hashlib.sha256(elements).digest())


def tree(leaves):
    """LEAVES: name -> hash."""
    row = [leaves[name] for name in sorted(leaves, key=str.encode)]
    if not row:
        return digest(b"pt2h1 empty\n")
    while len(row) > 1:
        row = [digest(b"pt2h1 pair\n", *row[i:i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def graph(canonical_text):
    return digest(b"pt2h1 program\n", canonical_text)


def content(graph_hash, weights_hash):
    return "pt2h1:" + digest(b"pt2h1 content\n", graph_hash, weights_hash).hex()
