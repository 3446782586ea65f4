"""The words of HCL (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements), brackets matched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Unparsable

_TOKEN = re.compile(
    r"(?P<blank>[^\S\n]+|#[^\n]*|//[^\n]*)|(?P<comment>/\*)|(?P<newline>\n)|(?P<heredoc><<(?P<flush>-?)(?P<end>[^\W\d][\w-]*)[^\S\n]*\n)"
    r"|(?P<word>\w[\w-]*)|(?P<quote>\")|(?P<operator>==|=>|!=|>=|<=|&&|\|\||\.\.\.|::)|(?P<mark>[=,:{}\[\]()])|(?P<other>.)"
)
_IN_QUOTES = re.compile(r'[^"\\$%\n]+|\\.|\$\$\{|%%\{|(?P<open>[$%]\{)|(?P<close>")|(?P<newline>\n)|.', re.DOTALL)
_IN_BRACES = re.compile(r'[^"{}]+|(?P<open>\{)|(?P<close>\})|(?P<quote>")')
_CLOSING = {"{": "}", "[": "]", "(": ")"}


@dataclass(slots=True)
class Token:
    """A word, a quoted text, a heredoc (its text), a mark or operator, the end of a line; ``end`` after the last.

    :ivar kind: ``word``, ``text``, ``heredoc``, ``newline``, ``operator``, ``end``, or the mark itself.
    :ivar start: where it begins in the file, and in ``end`` where it ends.
    :ivar closed_by: for an opening bracket, the place of the closing one in the list of tokens.
    """

    kind: str
    text: str
    line: int
    start: int
    end: int
    closed_by: int = 0


def tokens(text: str) -> list[Token]:
    """All tokens of a file without blanks and comments.

    :raises Unparsable: for brackets, quotes, comments and heredocs that are never closed.
    """
    found: list[Token] = []
    position, line = 0, 1
    while position < len(text):
        token, end = _token(text, position, line)
        if token:
            found.append(token)
        line += text.count("\n", position, end)
        position = end
    found.append(Token("end", "", line, position, position))
    _match_brackets(found)
    return found


def _token(text: str, position: int, line: int) -> tuple[Token | None, int]:
    """The token at ``position``, None for blanks and comments; and where the next begins."""
    match = _TOKEN.match(text, position)
    if not match:
        raise Unparsable("not a word of HCL", line)
    kind, end = match.lastgroup or "", match.end()
    if kind == "blank":
        return None, end
    if kind == "comment":
        return None, _after(text.find("*/", end), 2, "a comment that is never closed", line)
    if kind in ("heredoc", "end", "flush"):
        return _heredoc(text, match, line)
    if kind == "quote":
        end = _end_of_quote(text, end, line)
        return Token("text", text[position:end], line, position, end), end
    kind = match[0] if kind == "mark" else "operator" if kind == "other" else kind
    return Token(kind, match[0], line, position, end), end


def _after(position: int, length: int, why: str, line: int) -> int:
    if position < 0:
        raise Unparsable(why, line)
    return position + length


def _heredoc(text: str, match: re.Match[str], line: int) -> tuple[Token, int]:
    """``<<NAME`` to the line that holds nothing but the name; with ``<<-`` without the indentation that all its lines share."""
    closing = re.compile(rf"^[^\S\n]*{re.escape(match['end'])}[^\S\n]*$", re.MULTILINE).search(text, match.end())
    if not closing:
        raise Unparsable("a heredoc that is never closed", line)
    body = text[match.end() : closing.start()].removesuffix("\n")
    return Token("heredoc", _flush(body) if match["flush"] else body, line, match.start(), closing.end()), closing.end()


def _flush(body: str) -> str:
    lines = body.split("\n")
    indentation = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indentation:] for line in lines)


def _end_of_quote(text: str, position: int, line: int) -> int:
    """Where a quoted template ends that began before ``position``; in ``${…}`` stands an expression, which may hold other templates."""
    depth = ['"']
    while depth:
        match = (_IN_QUOTES if depth[-1] == '"' else _IN_BRACES).match(text, position)
        if not match or len(depth) > MAXIMUM_DEPTH or match.lastgroup == "newline":
            raise Unparsable("a quote that is never closed", line)
        if match.lastgroup == "close":
            depth.pop()
        elif match.lastgroup:
            depth.append('"' if match.lastgroup == "quote" else "{")
        position = match.end()
    return position


def _match_brackets(found: list[Token]) -> None:
    opened: list[Token] = []
    for place, token in enumerate(found):
        if token.kind in _CLOSING:
            opened.append(token)
        elif token.kind in _CLOSING.values():
            if not opened or _CLOSING[opened[-1].kind] != token.kind:
                raise Unparsable("a closing bracket too many", token.line)
            opened.pop().closed_by = place
        if len(opened) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", token.line)
    if opened:
        raise Unparsable("a bracket that is never closed", opened[-1].line)
