"""Which package a file belongs to, as the package databases below a root say: dpkg's, rpm's, apk's and pacman's.

Asked only where something is found, for it costs reading a database of many megabytes. A library that was replaced under another name
(``libx.so.2.0.1`` by ``libx.so.2.0.2``) belongs to whatever owns its successor.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from time import monotonic

from changelog_ledger.model.package_databases import APK_DATABASES, DPKG_FOLDER, PACMAN_LOCAL, RPM_FOLDERS
from changelog_ledger.sources.rooted import list_directory, read_file

_RPM_PROGRAMS = ("/usr/bin/rpm", "/bin/rpm")
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # https://wiki.debian.org/UsrMerge
_MOST_LIST = 64 * 1024 * 1024
_MOST_PATHS = 200
_RPM_SECONDS, _RPM_ALL_SECONDS = 10.0, 30.0
_LIBRARY = re.compile(r"(.*/[^/]+?)(-\d[\w.]*)?\.so(\.\d+)?(?:\.[\w.]*)?", re.DOTALL)


def owning_packages(root: str, paths: Collection[str]) -> dict[str, str]:
    """The package of each path, without its architecture; paths that no package owns are left out. No database is no error.

    :param paths: absolute, on the host; at most 200 are looked up.
    """
    wanted = sorted(set(paths))[:_MOST_PATHS]
    found: dict[str, str] = {}
    for owners in (_by_dpkg, _by_apk, _by_pacman, _by_rpm):
        left = [path for path in wanted if path not in found]
        found |= owners(root, left) if left else {}
    return found


def _by_dpkg(root: str, wanted: Collection[str]) -> dict[str, str]:
    """``info/PACKAGE.list`` (dpkg(1), FILES), and ``diversions``, by which a file lies elsewhere than its package says."""
    try:
        names = [name for name in list_directory(root, f"{DPKG_FOLDER}/info") if name.endswith(".list")]
    except OSError:
        return {}
    diversions = [each for each in _diversions(root) if not {each.original, each.moved}.isdisjoint(wanted)]
    lists = ((name.removesuffix(".list").partition(":")[0], _lines(root, f"{DPKG_FOLDER}/info/{name}")) for name in names)
    return _owners_in(((package, _diverted(text, package, diversions)) for package, text in lists), wanted)


@dataclass(frozen=True, slots=True)
class _Diversion:
    """A file that lies elsewhere than its package says (dpkg-divert(1)).

    :ivar by: the package whose own file may lie there instead; ``:`` for the administrator.
    """

    original: str
    moved: str
    by: str


def _diversions(root: str) -> list[_Diversion]:
    """Three lines each."""
    try:
        lines = read_file(root, f"{DPKG_FOLDER}/diversions", _MOST_LIST).decode("utf-8", "backslashreplace").split("\n")
    except OSError:  # a system where nothing was ever diverted may lack it
        return []
    return [_Diversion(*triple) for triple in zip(lines[::3], lines[1::3], lines[2::3], strict=False)]


def _diverted(text: str, package: str, diversions: Collection[_Diversion]) -> str:
    """The list of a package with its files where they are."""
    for each in diversions:
        if each.by != package:
            text = text.replace(f"\n{each.original}\n", f"\n{each.moved}\n")
    return text


def _by_apk(root: str, wanted: Collection[str]) -> dict[str, str]:
    """``lib/apk/db/installed``: ``P:`` begins a package, ``F:`` a folder, ``R:`` is a file in it (apk-package(5))."""
    for database in APK_DATABASES:
        if text := _lines(root, database):
            return _owners_in(_apk_packages(text), wanted)
    return {}


def _apk_packages(text: str) -> Iterator[tuple[str, str]]:
    package, folder, paths = "", "", [""]
    for line in text.split("\n"):
        tag, value = line[:2], line[2:]
        if tag == "P:":
            yield package, "\n".join([*paths, ""])
            package, paths = value, [""]
        elif tag == "F:":
            folder = value
        elif tag == "R:":
            paths.append(f"/{folder}/{value}" if folder else f"/{value}")
    yield package, "\n".join([*paths, ""])


def _by_pacman(root: str, wanted: Collection[str]) -> dict[str, str]:
    """``local/NAME-VERSION-RELEASE/files``: paths below ``%FILES%``, without the slash before them."""
    try:
        names = list_directory(root, PACMAN_LOCAL)
    except OSError:
        return {}
    lists = ((name.rsplit("-", 2)[0], _lines(root, f"{PACMAN_LOCAL}/{name}/files")) for name in names)
    return _owners_in(((package, text.replace("\n", "\n/")) for package, text in lists), wanted)


def _by_rpm(root: str, wanted: Collection[str]) -> dict[str, str]:
    """``rpm -qf`` (rpm(8)) asks the database first, so it knows files that are gone, too. Not asked of other roots: it would have to enter them."""
    if root.rstrip("/") or not any(_is_there(root, database) for database in RPM_FOLDERS):
        return {}
    until = monotonic() + _RPM_ALL_SECONDS
    found: dict[str, str] = {}
    for path in wanted:
        package = _asked_rpm(path) if monotonic() < until else ""
        if package:
            found[path] = package
    return found


def _asked_rpm(path: str) -> str:
    for program in _RPM_PROGRAMS:
        command = [program, "-qf", "--qf", "%{NAME}\\n", "--", path]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_RPM_SECONDS,
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                check=False,
            )
        except FileNotFoundError:
            continue
        except (subprocess.TimeoutExpired, OSError):  # the database is locked, or rpm is broken: then the owner is not known
            return ""
        return done.stdout.decode("utf-8", "replace").partition("\n")[0].strip() if done.returncode == 0 else ""
    return ""


def _owners_in(lists: Iterator[tuple[str, str]], wanted: Collection[str]) -> dict[str, str]:
    """Looks for ``\\nPATH\\n`` in the lists, one after the other; for a library that none has, for another version of it."""
    spelled = {path: tuple(f"\n{spelling}\n" for spelling in _spellings(path)) for path in wanted}
    successors = {path: looks for path in wanted if (looks := _successor(path))}
    exact: dict[str, str] = {}
    likely: dict[str, str] = {}
    for package, text in lists:
        for path, spellings in spelled.items():
            if path not in exact and any(spelling in text for spelling in spellings):
                exact[path] = package
        for path, (stems, successor) in successors.items():
            if path not in likely and any(stem in text for stem in stems) and successor.search(text):
                likely[path] = package
    return {**likely, **exact}


def _successor(path: str) -> tuple[tuple[str, ...], re.Pattern[str]] | None:
    """How the paths of a library's other versions with the same interface begin, and what they look like; None if its name tells no version."""
    found = _LIBRARY.fullmatch(path)
    if found is None or not (found[2] or found[3]):
        return None
    stems = tuple(f"\n{spelling}" for spelling in _spellings(found[1]))
    version = r"-\d[\w.]*" if found[2] else ""
    interface = rf"{re.escape(found[3])}(?:\.[\w.]*)?" if found[3] else ""
    return stems, re.compile(f"(?:{'|'.join(map(re.escape, stems))}){version}\\.so{interface}\n")


def _spellings(path: str) -> tuple[str, ...]:
    """A path as packages from before and after the merge of ``/usr`` spell it."""
    steps = path.split("/")
    if len(steps) > 2 and steps[1] in _MERGED:
        return path, "/usr" + path
    if len(steps) > 3 and steps[1] == "usr" and steps[2] in _MERGED:
        return path, path.removeprefix("/usr")
    return (path,)


def _lines(root: str, path: str) -> str:
    """A file with a newline before its first line and after its last; empty if it cannot be read."""
    try:
        text = read_file(root, path, _MOST_LIST).decode("utf-8", "backslashreplace")
    except OSError:  # a package that is being removed takes its list with it
        return ""
    return f"\n{text}\n"


def _is_there(root: str, folder: str) -> bool:
    try:
        return bool(list_directory(root, folder))
    except OSError:
        return False
