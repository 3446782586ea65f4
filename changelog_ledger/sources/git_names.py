"""Names that git's index takes no file under, since writing them out would reach around the work tree or into a repository.

The rules are those of git's ``verify_path``, with the spellings that some file system takes for ``.git`` (git-config(1), ``core.protectHFS`` and
``core.protectNTFS``; CVE-2014-9390, CVE-2019-1352). A tree may hold them all the same: only ``git fsck`` looks.
"""

from __future__ import annotations

_NO_NAMES = ("", ".", "..")
# HFS+ leaves these out when it compares names.
_IGNORED_BY_HFS = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
_GIT = (".git", "git~1")


def is_refused(path: str) -> bool:
    """Whether git would refuse to put a path of a tree into its index."""
    return any(name in _NO_NAMES or _is_git(name) for name in path.split("/"))


def _is_git(name: str) -> bool:
    return name.translate(_IGNORED_BY_HFS).lower() == ".git" or any(_on_ntfs(each) in _GIT for each in name.split("\\"))


def _on_ntfs(name: str) -> str:
    """NTFS leaves out dots and spaces at the end, and takes what follows a colon for a stream of the file."""
    return name.lower().partition(":")[0].rstrip(". ")
