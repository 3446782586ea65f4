"""``hook install`` and ``hook uninstall``: the gate's scripts in a repository's hooks folder, beside what is there already.

Nothing that somebody else wrote is lost or altered: a hook that is there gets a second name (``pre-commit.before-ledger``) and is run first by ours.
Each step is one system call that leaves a folder in which git finds a whole hook, so a run that is killed is finished by the next one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.hooks import SERVER_STAGES, WORK_STAGES, Hook, HookState, Installed, Stage
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.sources.git_hooks import HookPlace, find_hooks
from changelog_ledger.workflows.hook_files import Spot, alone_in, exists, is_of_pre_commit, is_same, origin_at, replace_script, sync, unfinished
from changelog_ledger.workflows.hook_script import Origin, hook_line, hook_script

_LEFTHOOK = (
    "lefthook writes its hooks anew, and would put the gate aside with them ({stages}): rather ledger hook uninstall, and let lefthook.yml run "
    "the gate's commands"
)


def install_hooks(folder: Path, stages: Sequence[str] = (), *, home: Path | None = None, python: str = "") -> Installed:
    """Put the gate into the repository that ``folder`` lies in. Twice is as once; scripts that an older version wrote become new.

    :param stages: git's names of hooks; none for what fits: those around a commit, in a bare repository ``pre-receive``.
    :param home: the home that the hooks shall use; None to find it as every command does, whenever they run.
    :param python: the interpreter that has this package, absolute; empty to rely on ``ledger`` on the PATH.
    :raises InvalidInput: for an unknown stage, a hooks folder that is not the repository's own, a script of ours that somebody has edited, or two
        hooks that contend for one place; nothing is written then.
    :raises RepositoryError: if there is no repository.
    """
    wanted = checked_stages(stages)
    place = find_hooks(folder)
    wanted = wanted or (WORK_STAGES if place.work_tree else SERVER_STAGES)
    _refuse_foreign_folder(place, wanted)
    place.folder.mkdir(parents=True, exist_ok=True)
    spots = [Spot(stage, place.folder) for stage in wanted]
    with alone_in(place.folder):
        for spot in spots:
            _refuse_contention(spot)
        hooks = tuple(_install(spot, hook_script(spot.stage, python, str(home) if home else None)) for spot in spots)
    return Installed(str(place.folder), hooks, tuple(_remarks(spots, home)))


def uninstall_hooks(folder: Path, *, force: bool = False) -> Installed:
    """Take the gate out of the repository that ``folder`` lies in; what was there before is back, byte for byte and with its mode.

    :param force: remove our scripts though somebody has edited them.
    :raises InvalidInput: if somebody has edited a script of ours; nothing is removed then.
    :raises RepositoryError: if there is no repository.
    """
    place = find_hooks(folder)
    hooks = place.folder if place.is_own else place.own / "hooks"  # core.hooksPath may have been set afterwards
    if not hooks.is_dir():
        return Installed(str(hooks), ())
    with alone_in(hooks):
        spots = [spot for stage in Stage if (spot := Spot(stage, hooks)).ours or spot.is_half_done]
        for spot in spots:
            if spot.ours and not force:
                _refuse_edited(spot.ours, "put your lines elsewhere, then ledger hook uninstall --force")
        for stage in Stage:
            unfinished(hooks / stage).unlink(missing_ok=True)
        return Installed(str(hooks), tuple(_uninstall(spot, spot.ours or spot.hook) for spot in spots))


def checked_stages(names: Sequence[str]) -> tuple[Stage, ...]:
    """Stages by git's names, each once, in git's order.

    :raises InvalidInput: if there is no such stage for the gate.
    """
    known = tuple(stage.value for stage in Stage)
    for name in names:
        if name not in known:
            raise InvalidInput(f"there is no stage {name!r} that the gate stands at", f"the stages are {', '.join(known)}")
    return tuple(stage for stage in Stage if stage.value in names)


def _refuse_foreign_folder(place: HookPlace, stages: Sequence[Stage]) -> None:
    """A folder in the work tree is tracked by git and everybody's; one outside belongs to more repositories than this one."""
    if place.is_own:
        return
    tracked = place.work_tree is not None and place.folder.is_relative_to(place.work_tree)
    why = f"core.hooksPath is {place.setting}" if place.setting else f"the hooks folder is a link to {place.folder}"
    whose = "files of the work tree are yours to edit" if tracked else "that folder is not this repository's alone"
    raise InvalidInput(f"nothing is written: {why}, and {whose}", _lines_to_add(_edited_by_hand(place), stages, shared=not tracked))


def _edited_by_hand(place: HookPlace) -> str:
    """The folder whose files people write: husky makes ``.husky/_`` by itself, and runs from there what is in ``.husky``."""
    folder = place.folder.parent if (place.folder.parent.name, place.folder.name) == (".husky", "_") else place.folder
    return str(folder.relative_to(place.work_tree)) if place.work_tree and folder.is_relative_to(place.work_tree) else str(folder)


def _lines_to_add(folder: str, stages: Sequence[Stage], *, shared: bool) -> str:
    lines: dict[str, list[str]] = {}
    for stage in stages:
        lines.setdefault(hook_line(stage), []).append(f"{folder}/{stage}")
    added = "; ".join(f"to {' and '.join(files)} the line `{line}`" for line, files in lines.items())
    other = "; or git config --local --unset core.hooksPath, if it is set for this repository only" if shared else ""
    return f"add (after #!/bin/sh, in files with mode 755) {added}{other}"


def _refuse_contention(spot: Spot) -> None:
    path = spot.ours
    if path:
        _refuse_edited(path, "move your lines into a hook of their own, then ledger hook uninstall --force, ledger hook install")
    elif exists(spot.before) and not spot.is_half_done:
        raise InvalidInput(
            f"{spot.hook} was put where the gate stood, and {spot.before.name} beside it is the hook from before the gate",
            "keep one of both: put what is needed into the first, remove the second, then ledger hook install",
        )


def _refuse_edited(path: Path, hint: str) -> None:
    if origin_at(path) is Origin.EDITED:
        raise InvalidInput(f"somebody has edited {path} since ledger hook install wrote it", hint)


def _install(spot: Spot, script: bytes) -> Hook:
    path = spot.ours
    if path is None:
        _keep(spot)
        replace_script(spot.hook, script)
        return spot.shown(spot.hook, HookState.WRITTEN)
    if path.read_bytes() == script and stat.S_IMODE(path.stat().st_mode) == 0o755:
        return spot.shown(path, HookState.UNCHANGED)
    replace_script(path, script)
    return spot.shown(path, HookState.REFRESHED)


def _keep(spot: Spot) -> None:
    """The hook that is there gets its second name; the first stays until ours takes its place, so that there is always one to be run."""
    if not exists(spot.hook) or exists(spot.before):
        return
    try:
        os.link(spot.hook, spot.before, follow_symlinks=False)
    except OSError:  # a file system without hard links
        spot.hook.rename(spot.before)
    sync(spot.folder)


def _uninstall(spot: Spot, path: Path) -> Hook:
    state = HookState.RESTORED
    if not exists(spot.before) or (path == spot.legacy and is_of_pre_commit(spot.before)):  # the framework was installed again, over ours: it is back
        path.unlink()
        spot.before.unlink(missing_ok=True)
        state = HookState.REMOVED
    elif exists(path) and is_same(path, spot.before):  # rename(2) does nothing between two names of one file
        spot.before.unlink()
    else:
        spot.before.replace(path)
    sync(spot.folder)
    return spot.shown(path, state)


def _remarks(spots: Sequence[Spot], home: Path | None) -> Iterator[str]:
    if home and not (home / FILE_NAME).is_file():
        yield f"there is no ledger at {home} yet: until ledger --home {home} init has made one, the gate refuses every edit of configuration"
    if of_lefthook := [spot.stage.value for spot in spots if _is_of_lefthook(spot.before)]:
        yield _LEFTHOOK.format(stages=", ".join(of_lefthook))


def _is_of_lefthook(path: Path) -> bool:
    try:
        return b"lefthook" in path.read_bytes()
    except OSError:
        return False
