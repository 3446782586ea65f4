"""Extended attributes as people read them: text as text, access control lists as getfacl(1) writes them, everything else in hex."""

from __future__ import annotations

import struct
from base64 import b64decode

from changelog_ledger.model.snapshot import FileEntry

_ACL_NAMES = ("system.posix_acl_access", "system.posix_acl_default")
_ACL_VERSION = 2
_ACL_ENTRY = struct.Struct("<HHI")  # tag, permissions, id: linux/posix_acl_xattr.h
_TAGS = {0x01: "user:", 0x02: "user:{id}", 0x04: "group:", 0x08: "group:{id}", 0x10: "mask:", 0x20: "other:"}
_LONGEST = 200


def shown_attributes(entry: FileEntry) -> dict[str, str]:
    """Readable values by name."""
    return {name: _shown(name, b64decode(value)) for name, value in entry.attributes}


def _shown(name: str, value: bytes) -> str:
    text = _acl(value) if name in _ACL_NAMES else _text(value)
    text = text if text is not None else value.hex()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(value)} bytes)"


def _text(value: bytes) -> str | None:
    try:
        text = value.removesuffix(b"\0").decode("utf-8")  # labels of SELinux end in a NUL
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _acl(value: bytes) -> str | None:
    """``user::rw-,user:1000:r--,group::r--,mask::r--,other::---`` (acl(5)); None for what is no such list."""
    if len(value) < 4 or (len(value) - 4) % _ACL_ENTRY.size or struct.unpack_from("<I", value)[0] != _ACL_VERSION:
        return None
    rows = list(_ACL_ENTRY.iter_unpack(value[4:]))
    if any(tag not in _TAGS for tag, _, _ in rows):
        return None
    return ",".join(f"{_TAGS[tag].format(id=number)}:{_permissions(bits)}" for tag, bits, number in rows)


def _permissions(bits: int) -> str:
    return "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
