"""JSON documents as a client keeps them: RFC 6902 and the digest that proves a copy."""

import copy
import json

MASK = (1 << 64) - 1


class PatchFailed(Exception):
    """The patch does not fit the document."""


def apply(document, patch):
    """The document after a patch; the one that is given may have been changed by then."""
    for operation in patch:
        try:
            document = _apply(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise PatchFailed(f"{json.dumps(operation)[:300]}: {type(error).__name__} {error}") from error
    return document


def _apply(document, operation):
    name, path = operation["op"], _path(operation["path"])
    if name == "test":
        if _find(document, path) != operation["value"]:
            raise ValueError("the test fails")
        return document
    if name == "remove":
        return _remove(document, path)
    if name in ("add", "replace"):
        value = copy.deepcopy(operation["value"])
    else:
        source = _path(operation["from"])
        value = copy.deepcopy(_find(document, source))
        if name == "move":
            document = _remove(document, source)
    if name == "replace":
        _find(document, path)
    return _put(document, path, value, name != "replace")


def _path(text):
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _find(document, path):
    for part in path:
        document = document[int(part) if isinstance(document, list) else part]
    return document


def _put(document, path, value, inserts):
    if not path:
        return value
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif inserts:
        place = len(parent) if last == "-" else int(last)
        if place > len(parent):
            raise IndexError(place)
        parent.insert(place, value)
    else:
        parent[int(last)] = value
    return document


def _remove(document, path):
    if not path:
        return None
    parent, last = _find(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
    return document


def digest(document):
    """SipHash-2-4 of the canonical form. The documents here have neither fractions nor names beyond ASCII."""
    data = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    v = [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573]

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = (v[1] << 13 | v[1] >> 51) & MASK ^ v[0]
            v[0] = (v[0] << 32 | v[0] >> 32) & MASK
            v[2] = (v[2] + v[3]) & MASK
            v[3] = (v[3] << 16 | v[3] >> 48) & MASK ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = (v[3] << 21 | v[3] >> 43) & MASK ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = (v[1] << 17 | v[1] >> 47) & MASK ^ v[2]
            v[2] = (v[2] << 32 | v[2] >> 32) & MASK

    whole = len(data) // 8 * 8
    words = [int.from_bytes(data[at:at + 8], "little") for at in range(0, whole, 8)]
    words.append(int.from_bytes(data[whole:], "little") | (len(data) & 255) << 56)
    for word in words:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return f"{v[0] ^ v[1] ^ v[2] ^ v[3]:016x}"
