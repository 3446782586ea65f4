"""How rpm names a package in one word: ``NAME-[EPOCH:]VERSION-RELEASE.ARCHITECTURE``.

yum once wrote ``EPOCH:NAME-VERSION-RELEASE.ARCHITECTURE``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The architectures of rpm's rpmrc: a release may have dots of its own (1.el7_9), so that the last word is an architecture only if it is known as one.
_ARCHITECTURE = re.compile(
    r"\.(noarch|x86_64(?:_v[234])?|amd64|ia32e|i[3-6]86|athlon|aarch64|arm(?:v[3-8][a-z]*|hfp)?|ppc(?:64(?:le|p7)?)?|s390x?|riscv(?:64|32)"
    r"|loongarch64|mips(?:64)?(?:el)?(?:r6)?(?:el)?|sparc\w*|alpha\w*|ia64|sh\w*|m68k|src|nosrc)$"
)
_EPOCH_FIRST = re.compile(r"(\d+):(.+)$")


class RpmName(NamedTuple):
    """A package's name, its version with epoch and release (empty if only a name was written), its architecture (likewise)."""

    name: str
    version: str
    architecture: str


def parsed_rpm_name(text: str) -> RpmName:
    """The parts of a name such as ``openssl-libs-1:3.0.7-27.el9.x86_64``. What is no full name is a name alone, as yum's ``Erased: nano``."""
    word = text.strip()
    found = _ARCHITECTURE.search(word)
    architecture = found.group(1) if found else ""
    bare = word[: found.start()] if found else word
    epoch = ""
    if first := _EPOCH_FIRST.match(bare):
        epoch, bare = first.group(1), first.group(2)
    name, version, release = _split(bare)
    if not version:
        return RpmName(word, "", "")
    return RpmName(name, rpm_version(epoch, version, release), architecture)


def rpm_version(epoch: str, version: str, release: str) -> str:
    """A version as rpm writes it: without an epoch that is none or 0."""
    text = f"{version}-{release}" if release else version
    return f"{epoch}:{text}" if epoch not in ("", "0", "(none)", "None") else text


def _split(bare: str) -> tuple[str, str, str]:
    parts = bare.rsplit("-", 2)
    if len(parts) < 3 or not all(parts) or not re.match(r"(?:\d+:)?[\w.+~^]+$", parts[1]) or not re.search(r"\d", parts[2]):
        return bare, "", ""
    name, version, release = parts
    epoch, colon, rest = version.partition(":")
    return (name, rest if epoch == "0" and colon else version, release)
