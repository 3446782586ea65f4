"""What the gate says: which edits nothing covers, why, and the commands that would let them in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from changelog_ledger.model import globs
from changelog_ledger.model.gate import TRAILER, Judged, Verdict
from changelog_ledger.reports.deltas import delta_lines
from changelog_ledger.reports.escape import printable, shell_word
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, shortened_middle, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import in_words, to_type

_SHOWN_EDITS = 10
_SHOWN_DELTAS = 6
_SHOWN_WAYS = 3
_SHOWN_PATHS = 20
"""So many paths stand in a command; beyond them the folders that hold several of them do, or none at all."""

_OF_THE_MESSAGE = ("unknown-change", "other-change", "no-trailer")
"""Problems that another message solves."""


def render_check(verdict: Verdict, style: Style = PLAIN) -> str:
    """``hook check`` and ``check-message``: nothing to say of what passes without a remark; what is refused with the way in."""
    if verdict.passes:
        return written([], style)
    lines = [*_headline(verdict, style), *_refused(verdict.refused, style), *_problems(verdict, style)]
    return "\n".join([written(lines, style).rstrip("\n"), "", *_ways_in(verdict)]) + "\n"


def render_range(verdicts: Sequence[Verdict], style: Style = PLAIN) -> str:
    """``hook check-range`` and ``pre-receive``: the commits that went past the gate, then how many did not."""
    wrong = [verdict for verdict in verdicts if not verdict.passes]
    lines: list[Line] = []
    for verdict in wrong:
        who = f"  {printable(verdict.author.name)}" if verdict.author else ""
        subject = brief(printable(verdict.subject), 60)
        lines += [line()] if lines else []
        lines += flow(line(Span(verdict.commit[:12], Role.UNLOGGED), f" {subject}", Span(who, Role.DIM)), style.columns, hang=2, first=0)
        lines += [*_refused(verdict.refused, style), *_problems(verdict, style)]
    lines += _verdict_on(verdicts, wrong, style)
    return "\n".join([written(lines, style).rstrip("\n"), *_after_the_fact(wrong, style)]) + "\n"


def covered_words(verdict: Verdict) -> tuple[str, ...]:
    """What is worth a line on stderr though the commit passes: its emergency change, and what the rules say."""
    words = [remark.text for remark in verdict.remarks]
    if verdict.emergency:
        over = f"when it is over: ledger change finish {verdict.emergency}, and have it reviewed"
        words.append(f"{verdict.emergency} is open as an emergency for these edits; {over}")
    return tuple(words)


def _headline(verdict: Verdict, style: Style) -> Iterator[Line]:
    refused, asked = len(verdict.refused), sum(not judged.exempt for judged in verdict.edits)
    if not refused:
        yield from flow(line(Span("Refused.", Role.UNLOGGED)), style.columns)
        return
    of = f" of {asked}" if asked != refused else ""
    no = "No change covers this edit of configuration" if refused == asked == 1 else f"No change covers {refused}{of} edits of configuration"
    yield from flow(line(Span("Refused. ", Role.UNLOGGED), no + ":"), style.columns)


def _refused(edits: Sequence[Judged], style: Style) -> Iterator[Line]:
    apart = True
    for judged in edits[:_SHOWN_EDITS]:
        has_more = bool(judged.deltas or judged.misses)
        if apart or has_more:
            yield line()
        apart = has_more
        yield from _edit(judged, style)
    if len(edits) > _SHOWN_EDITS:
        yield line(f"  … and {count(len(edits) - _SHOWN_EDITS, 'more edit')}; --json has all")


def _edit(judged: Judged, style: Style) -> Iterator[Line]:
    target = _whose(judged)
    name = shortened_middle(printable(judged.edit.path), 3 * style.columns)
    yield from flow(line(Span(name, Role.SUSPECT), Span(f"  {judged.edit.kind}, {target}", Role.DIM)), style.columns, hang=4, first=2)
    for delta in judged.deltas[:_SHOWN_DELTAS]:
        yield from delta_lines(delta, style, indent=4)
    if len(judged.deltas) > _SHOWN_DELTAS:
        yield line(f"    … and {count(len(judged.deltas) - _SHOWN_DELTAS, 'more difference')}")
    for miss in judged.misses:
        yield from flow(line(f"{miss.change} ({brief(miss.title, 40)}) {printable(in_words(miss.text, style.zone))}"), style.columns, hang=6, first=4)


def _whose(judged: Judged) -> str:
    targets = dict.fromkeys(str(target) for place in judged.places for target in place.targets)
    return ", ".join(targets) or "no target's in particular"


def _problems(verdict: Verdict, style: Style) -> Iterator[Line]:
    for problem in verdict.problems:
        yield line()
        yield from flow(line(printable(in_words(problem.text, style.zone))), style.columns, hang=4, first=2)


def _ways_in(verdict: Verdict) -> Iterator[str]:
    """The exact commands, the most likely first: what exists is started or extended, else something is planned; in an emergency, a reason.

    They are never cut, however long they are: they are there to be pasted.
    """
    if _is_message_wrong(verdict):
        yield f"Put the line {TRAILER}: of the message right, then commit again."
    if not verdict.refused:
        return
    is_away = any(remark.code == "away" for remark in verdict.remarks)  # then nothing can be logged
    if not is_away:
        yield "Log it, then commit again:"
        yield from _to_log(verdict)
    yield "If it cannot wait:"
    yield "  LEDGER_EMERGENCY='why it cannot wait' git commit …"
    if is_away:
        yield "For another time, ask beforehand:"
        yield "  ledger hook grant CHANGE"


def _to_log(verdict: Verdict) -> Iterator[str]:
    yield from _made_known([verdict])
    for command in _known_ways(verdict.refused)[:_SHOWN_WAYS]:
        yield f"  {command}"
    yield from _if_wider(verdict.refused)
    yield f"  {new_change(verdict.refused)}"


def _made_known(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The commands without which those behind them would fail: a change is on what the ledger knows."""
    for target in dict.fromkeys(target for verdict in verdicts for target in verdict.unknown):
        yield f"  {command_line(('ledger', str(target.kind), 'add', target.name))}"


def _is_message_wrong(verdict: Verdict) -> bool:
    return any(problem.code in _OF_THE_MESSAGE for problem in verdict.problems)


def _known_ways(edits: Sequence[Judged]) -> list[str]:
    """What would make a change that comes near cover all of the edits; one that helps with some of them only is no way in."""
    steps: dict[str, list[tuple[str, ...]]] = {}
    helped: Counter[str] = Counter()
    for miss in (miss for judged in edits for miss in judged.misses if miss.commands):
        steps.setdefault(miss.change, []).extend(miss.commands)
        helped[miss.change] += 1
    ways = [_in_one(found) for change, found in steps.items() if helped[change] == len(edits)]
    return [" && ".join(map(command_line, way)) for way in ways if way[0].count("--path") <= _SHOWN_PATHS]


def _in_one(steps: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The steps of one change: extended once, by all that it lacks, before it is started."""
    extending = [step for step in steps if step[2] == "extend"]
    others = [*dict.fromkeys(step for step in steps if step[2] != "extend")]
    if not extending:
        return others
    lacks = dict.fromkeys(option for step in extending for option in zip(step[4::2], step[5::2], strict=True))
    options = (word for option in sorted(lacks, key=lambda option: option[0]) for word in option)  # --on before --path
    return [(*extending[0][:4], *options), *others]


def command_line(words: Sequence[str]) -> str:
    """A command as it can be pasted."""
    return " ".join(shell_word(word) for word in words)


def new_change(edits: Sequence[Judged]) -> str:
    """The command that plans and starts a change for these edits."""
    return f'ledger change start "$(ledger change plan {shell_word("WHAT AND WHY")} {_scope(edits)})"'


def _scope(edits: Sequence[Judged]) -> str:
    """The options that name these edits: the targets, and the paths or the folders that hold them."""
    targets = {target: None for judged in edits for place in judged.places for target in place.targets}
    nobodys = any(not place.targets for judged in edits for place in judged.places)
    on = ["all"] if nobodys else [str(target) for target in targets]
    return " ".join([*(f"--on {shell_word(target)}" for target in on), *(f"--path {shell_word(path)}" for path in _globbed(edits))])


def _if_wider(edits: Sequence[Judged]) -> Iterator[str]:
    """A word on the command behind it, where it names more than the edits."""
    if len(_globbed(edits)) < len(_each_path(edits)):
        yield f"  # this is wider than the {count(len(edits), 'edit')}; name less with --path"


def _globbed(edits: Sequence[Judged]) -> list[str]:
    """The globs that name these edits: each path; of many the folders that hold them; none, which names everything, if these are too many as well."""
    paths = _each_path(edits)
    if len(paths) <= _SHOWN_PATHS or any(not place.targets for judged in edits for place in judged.places):
        return [globs.literal(path) for path in paths]
    held = Counter(path.rpartition("/")[0] for path in paths)
    folders = [*dict.fromkeys(_by_folder(path, held) for path in paths)]
    return folders if len(folders) <= _SHOWN_PATHS else []


def _each_path(edits: Sequence[Judged]) -> list[str]:
    return [*dict.fromkeys(path for judged in edits for path in _paths(judged))]


def _by_folder(path: str, held: Mapping[str, int]) -> str:
    folder = path.rpartition("/")[0]
    return f"{globs.literal(folder)}/*" if held[folder] > 1 else globs.literal(path)


def _paths(judged: Judged) -> list[str]:
    """The paths of an edit as a change names them: on the host, where that is known; both, of a renamed file."""
    known = [place.host_path for place in judged.places if place.host_path]
    return known if len(known) == len(judged.places) else [*known, *("/" + path for path in judged.edit.paths)]


def _verdict_on(verdicts: Sequence[Verdict], wrong: Sequence[Verdict], style: Style) -> Iterator[Line]:
    checked = [verdict for verdict in verdicts if verdict.edits]
    exempt = sum(1 for verdict in checked if all(judged.exempt for judged in verdict.edits))
    passed = len(checked) - len([verdict for verdict in wrong if verdict.edits]) - exempt
    words = [count(len(verdicts), "commit"), f"{len(checked)} with configuration", f"{passed} covered"] + ([f"{exempt} exempt"] if exempt else [])
    if wrong:
        yield line()
    yield from flow(line(f"{', '.join(words)}, ", Span(f"{len(wrong)} refused", Role.UNLOGGED if wrong else Role.PLAIN), "."), style.columns)


def _after_the_fact(wrong: Sequence[Verdict], style: Style) -> Iterator[str]:
    """The commands that log commits after the fact, never cut."""
    if any(_is_message_wrong(verdict) for verdict in wrong):
        yield ""
        yield f"Put the lines {TRAILER}: right: git rebase --interactive (reword)."
    unlogged = [verdict for verdict in wrong if verdict.refused]
    if unlogged:
        yield ""
        yield "Log what was done, then check or push again:"
        yield from _made_known(unlogged[:_SHOWN_WAYS])
    for verdict in unlogged[:_SHOWN_WAYS]:
        yield from _if_wider(verdict.refused)
        title = shell_word(brief(verdict.subject, 60).lstrip("- ") or "WHAT AND WHY")
        yield f"  ledger change log {title} {_scope(verdict.refused)} --at {to_type(_moment(verdict), style.zone)}"
    if len(unlogged) > _SHOWN_WAYS:
        yield f"  … and likewise for {count(len(unlogged) - _SHOWN_WAYS, 'more commit')}"


def _moment(verdict: Verdict) -> str:
    return verdict.committed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if verdict.committed_at else "TIME"
