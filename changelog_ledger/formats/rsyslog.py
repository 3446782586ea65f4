r"""rsyslog.conf(5): ``rule[mail.*]/action``, ``module[imtcp]/load``, ``input[imtcp]/port``, ``rule[if $programname == 'shop']/then/rule[stop]``

Both languages: ``selector action`` and ``$Directive value`` of old, and RainerScript's objects and conditions. All that is done with messages is the
list ``rule``, in its order; ``&`` is another action of the rule before it (https://www.rsyslog.com/doc/, "Basic structure").
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.keyed import gathered, keyed
from changelog_ledger.model.document import ListPolicy, Order

_DEEPEST = 5
"""How many conditions within each other are read; what is deeper is a text."""
_TOKEN = re.compile(
    r'(?P<comment>(?:(?<=\s)|(?<![\s\S]))(?:\#[^\n]*|/\*.*?(?:\*/|\Z)))|(?P<text>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\\.|[^\s"\'\\(){}/#]+|[/#])'
    r"|(?P<end>\n)|(?P<blank>\s)|(?P<mark>[(){}])",
    re.DOTALL,
)
_OBJECT = re.compile(r"(?P<kind>[a-z_]+)\s*\(", re.IGNORECASE)
_PARAMETER = re.compile(r"(?P<key>[\w.]+)\s*=\s*(?P<value>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\[[^\[\]]*\]|[^\s\"'\[\])]+)", re.DOTALL)
_IDENTITIES = dict.fromkeys(("template", "ruleset", "parser", "lookup_table", "dyn_stats", "percentile_stats"), "name") | {
    "module": "load",
    "input": "type",
    "timezone": "id",
}
"""Objects, and the parameter that each is known by."""
_INPUTS = ("type", "file", "File", "port")
_SINGLE = ("global", "main_queue", "$template")
_CONDITION = re.compile(r"(?:if|else)\b")
_SELECTOR = re.compile(r'(?P<selector>:[^,\n]+,[^,\n]+,\s*"(?:\\.|[^"\\\n])*"|(?![:(])(?:\\\n\s*|[^\s\\]|\\(?!\n))+)\s+(?P<action>\S[\s\S]*)')
_CONTINUED = re.compile(r"\\\n\s*")
_COMMANDS = frozenset({"action", "call", "call_indirect", "continue", "foreach", "include", "reset", "set", "stop", "unset", "~"})


@dataclass(frozen=True, slots=True)
class _Source:
    """A text, and where its lines begin."""

    text: str
    ends: Sequence[int]

    def line(self, position: int) -> int:
        return bisect_right(self.ends, position - 1) + 1


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of the source."""

    start: int
    end: int


def read_rsyslog(text: str) -> Parsed:
    """Directives, objects and rules.

    :raises Unparsable: for a quote, parenthesis or brace that is never closed, a condition without ``then``, an ``&`` that follows nothing.
    """
    source = _Source(text, [found.start() for found in re.finditer("\n", text)])
    return tree(_entries(source, _Span(0, len(text)), 0))


def _entries(source: _Source, span: _Span, depth: int) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    more: dict[int, list[Entry]] = {}
    for statement in _statements(source, span):
        words, line = source.text[statement.start : statement.end].rstrip(), source.line(statement.start)
        if not words.startswith("&"):
            entries.append(_entry(source, statement, depth))
        elif entries and entries[-1].key == "rule":
            more.setdefault(len(entries) - 1, []).append(Entry("action", words[1:].strip(), line))
        else:
            raise Unparsable("an & that follows no rule", line)
    for place, actions in more.items():
        rule = entries[place]
        entries[place] = _rule((*(rule.value if isinstance(rule.value, tuple) else ()), *actions), rule.line)
    return gathered(entries, _SINGLE)


def _entry(source: _Source, statement: _Span, depth: int) -> Entry:
    words, line = source.text[statement.start : statement.end].rstrip(), source.line(statement.start)
    if words.startswith("$"):
        return _directive(words, line)
    if words.startswith("if") and _CONDITION.match(words):
        return _rule(_condition(source, statement, depth), line)
    found = _OBJECT.match(words)
    kind = found["kind"].lower() if found else ""
    if kind in _IDENTITIES or kind in _SINGLE:
        return _object(source, statement, kind, depth)
    if kind == "action":
        parameters = _parameters(source, statement)
        return _rule((Entry(KNOWN_AS, f"action {_said(parameters, 'type')}", line), *parameters), line)
    selector = _SELECTOR.fullmatch(words)
    if not selector or words.split()[0] in _COMMANDS:
        return _statement(words, line)
    return _rule(
        _selection(source, _CONTINUED.sub("", selector["selector"]), _Span(statement.start + selector.start("action"), statement.end), line, depth),
        line,
    )


def _statement(words: str, line: int) -> Entry:
    """``call remote``, ``stop``; anything else is an action without a selector."""
    command, _, rest = words.partition(" ")
    if command not in _COMMANDS:
        command, rest = "action", words
    return _rule((Entry(KNOWN_AS, command, line), Entry(command, rest.strip(), line)), line)


def _directive(words: str, line: int) -> Entry:
    key, _, value = words.replace("\t", " ").partition(" ")
    name, _, text = value.strip().partition(",")
    return keyed(key, name, text, line) if key == "$template" and text else Entry(key, value.strip(), line)


def _rule(body: Sequence[Entry], line: int) -> Entry:
    return Entry("rule", tuple(body), line, listed=True)


def _selection(source: _Source, selector: str, action: _Span, line: int, depth: int) -> tuple[Entry, ...]:
    """``mail.* -/var/log/mail.log``"""
    done = Entry("action", _done(source, action, depth), source.line(action.start))
    return Entry(KNOWN_AS, selector, line), Entry("selector", selector, line), done


def _done(source: _Source, action: _Span, depth: int) -> str | tuple[Entry, ...]:
    """A text, the parameters of an ``action(…)``, or the rules of a block."""
    words = source.text[action.start : action.end].rstrip()
    if words.startswith("{") and words.endswith("}") and depth < _DEEPEST:
        return _entries(source, _Span(action.start + 1, action.start + len(words) - 1), depth + 1)
    found = _OBJECT.match(words)
    return _parameters(source, action) if found and found["kind"] == "action" else words


# --- objects ------------------------------------------------------------------------------------------------------------------------------


def _object(source: _Source, statement: _Span, kind: str, depth: int) -> Entry:
    line = source.line(statement.start)
    inner, rest = _parenthesis(source, statement)
    parameters = _parameters(source, inner)
    if kind in _SINGLE:
        return Entry(kind, parameters, line)
    text = source.text[rest.start : rest.end].strip()
    body: tuple[Entry, ...] = ()
    if text.startswith("{") and kind == "ruleset" and depth < _DEEPEST:
        opening = source.text.index("{", rest.start)
        body = _entries(source, _Span(opening + 1, rest.start + source.text[rest.start : rest.end].rindex("}")), depth + 1)
    elif text:
        body = (Entry("body", text, source.line(source.text.index(text, rest.start))),)
    return Entry(kind, (*parameters, *body), line, listed=True)


def _parenthesis(source: _Source, statement: _Span) -> tuple[_Span, _Span]:
    """What is in the first parenthesis, and what is behind it."""
    depth, start = 0, statement.start
    for position, kind, token in _tokens(source, statement):
        if kind == "mark" and token in "()":
            start = position + 1 if depth == 0 else start
            depth += 1 if token == "(" else -1
            if depth == 0:
                return _Span(start, position), _Span(position + 1, statement.end)
    raise Unparsable("a parenthesis that is never closed", source.line(statement.start))


def _parameters(source: _Source, span: _Span) -> tuple[Entry, ...]:
    """``name="value"``, quotes left out. Comments between them are none."""
    found: list[Entry] = []
    start = span.start
    comments = [(position, position + len(token)) for position, kind, token in _tokens(source, span) if kind == "comment"]
    for end, behind in [*comments, (span.end, span.end)]:
        parameters = _PARAMETER.finditer(source.text, start, end)
        found += [Entry(one["key"], _unquoted(one["value"]), source.line(one.start())) for one in parameters]
        start = behind
    return tuple(found)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _said(parameters: Sequence[Entry], key: str) -> str:
    return next((str(entry.value) for entry in parameters if entry.key.lower() == key), "")


# --- conditions ---------------------------------------------------------------------------------------------------------------------------


def _condition(source: _Source, statement: _Span, depth: int) -> tuple[Entry, ...]:
    """``if … then … else …``: the condition as it stands, and the rules of both branches."""
    line = source.line(statement.start)
    marks = [(position, token) for position, token, level in _words_with_depth(source, statement) if level == 0]
    then = next((position for position, token in marks if token == "then"), None)
    if then is None:
        raise Unparsable("a condition without then", line)
    other = next((position for position, token in marks if token == "else" and position > then), None)
    text = " ".join(source.text[statement.start + 2 : then].split())
    branches = [_branch(source, "then", _Span(then + 4, statement.end if other is None else other), depth)]
    if other is not None:
        branches.append(_branch(source, "else", _Span(other + 4, statement.end), depth))
    return (Entry(KNOWN_AS, f"if {text}", line), Entry("if", text, line), *branches)


def _branch(source: _Source, key: str, span: _Span, depth: int) -> Entry:
    text = source.text[span.start : span.end]
    start = span.start + len(text) - len(text.lstrip())
    words = text.strip()
    if words.startswith("{") and words.endswith("}"):
        start, words = start + 1, words[1:-1]
    if depth >= _DEEPEST:
        return Entry(key, words.strip(), source.line(start))
    return Entry(key, _entries(source, _Span(start, start + len(words)), depth + 1), source.line(start))


# --- statements ---------------------------------------------------------------------------------------------------------------------------


def _statements(source: _Source, span: _Span) -> Iterator[_Span]:
    """The parts of a text that are one statement each: up to the end of a line, but with what is in its parentheses and braces, and with a block
    or an ``else`` that follows in the next line."""
    start, stop, depth, last, waits, onward = -1, span.start, 0, "", False, span.start
    for position, kind, token in _tokens(source, span):
        if kind == "end" and depth == 0 and start >= 0 and not waits and last not in _OPEN_WORDS and position >= onward:
            onward = _continuation(source, position, span.end)
            if onward < 0:
                yield _Span(start, stop)
                start = -1
        elif kind in ("text", "mark"):
            if start < 0:
                start, waits = position, token == "if"
            depth += (token in "({") - (token in ")}") if kind == "mark" else 0
            if depth < 0:
                raise Unparsable("a bracket that closes nothing", source.line(position))
            waits = waits and token != "then"
            stop, last = position + len(token), token
    if depth or waits:
        raise Unparsable("a bracket or condition that is never ended", source.line(max(start, span.start)))
    if start >= 0:
        yield _Span(start, stop)


_OPEN_WORDS = ("then", "else")
_NEXT = re.compile(r"(?:\s|#[^\n]*(?=\n|\Z))*(?P<word>\{|else\b)?")


def _continuation(source: _Source, position: int, end: int) -> int:
    """Where a statement goes on in one of the next lines, -1 if it does not."""
    found = _NEXT.match(source.text, position, end)
    return found.start("word") if found else -1


def _words_with_depth(source: _Source, span: _Span) -> Iterator[tuple[int, str, int]]:
    depth = 0
    for position, kind, token in _tokens(source, span):
        if kind == "mark":
            depth += 1 if token in "({" else -1
        elif kind == "text":
            yield position, token, depth


def _tokens(source: _Source, span: _Span) -> Iterator[tuple[int, str, str]]:
    position = span.start
    while position < span.end:
        found = _TOKEN.match(source.text, position, span.end)
        if not found:
            raise Unparsable("a quote that is never closed", source.line(position))
        if found[0].startswith("/*") and not found[0].endswith("*/"):
            raise Unparsable("a comment that is never closed", source.line(position))
        yield position, found.lastgroup or "", found[0]
        position = found.end()


_POLICIES = (
    *(ListPolicy(("**", key), _INPUTS if key == "input" else (name,), Order.SET) for key, name in _IDENTITIES.items()),
    ListPolicy(("**",), (KNOWN_AS,)),
)
FORMATS = (Format("rsyslog", read_rsyslog, _POLICIES),)
