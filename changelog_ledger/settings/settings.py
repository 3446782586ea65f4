"""``ledger.toml``: one frozen value, no defaults hidden anywhere else.

An unknown key or a bad value is an error that names the file, the key and what is allowed: a typo in a setting must not become a silent default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import InvalidInput, SettingsError
from changelog_ledger.model.evidence import STALE_AFTER
from changelog_ledger.model.retention import FOREVER, Retention
from changelog_ledger.model.rules import FormatRule, NoiseRule, SecretRule
from changelog_ledger.model.secret_rules import may_take_forever
from changelog_ledger.model.state import STATE, without_state
from changelog_ledger.model.times import parse_duration
from changelog_ledger.model.topology import checked_name

if TYPE_CHECKING:
    from changelog_ledger.model.change import Item
    from changelog_ledger.model.policy import Policy, Template

FILE_NAME = "ledger.toml"

DEFAULT_IGNORE = (
    "/etc/.git",  # etckeeper's own repository
    "/etc/.git/**",
    "/etc/.etckeeper",  # its bookkeeping of modes and owners, which the manifest has
    "/etc/mtab",
    "/etc/ld.so.cache",
    "/etc/.pwd.lock",
    "/etc/udev/hwdb.bin",
    "/etc/selinux/*/policy/policy.*",
    "**/random-seed",
    "**/*.dpkg-old",
    "**/*.dpkg-new",
    "**/*.dpkg-tmp",
    "**/*.ucf-old",
    "**/*.rpmsave",
    "**/__pycache__/**",
    "**/*.sw[a-p]",
    "**/.#*",
    "**/#*#",
    "**/*~",
)
"""What changes by itself or is nobody's configuration."""

_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")  # bech32 of 32 bytes, https://age-encryption.org/v1
_SIZE = re.compile(r"(\d{1,12})\s*(B|KiB|MiB|GiB)?")
_SIZE_UNITS = {"": 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``ledger.toml`` says.

    :ivar host: the name under which this machine's snapshots are kept.
    :ivar stream: the name of this ledger's chain; made by ``init``, never changed.
    :ivar database: ``sqlite:///PATH`` (relative paths lie in the home) or ``postgresql://…``.
    :ivar watch: absolute paths, files, folders or globs, whose content is snapshotted; ``@state`` and ``@state/NAME`` for the machine's state.
    :ivar ignore: globs of paths that are left out.
    :ivar size_limit: bytes; of a larger file only the hash is kept.
    :ivar recipients: further age recipients (``age1…``) that originals are sealed for.
    :ivar own_key: whether originals are sealed for the home's own key too; without, this machine can seal and not open.
    :ivar secret_rules: the home's own rules of redaction, beside those of the formats.
    :ivar detect_secrets: whether detect-secrets (the extra ``secrets``) looks for secrets too; slow.
    :ivar noise_rules: the home's own rules of noise, beside those of the formats.
    :ivar format_rules: formats of files, whatever their names say; whether they are known is looked at where a home is opened.
    :ivar retention: how long snapshots are kept; None means for good.
    :ivar stated_policy: what is demanded of changes; None where nothing is said: ask :attr:`policy`.
    :ivar templates: standard changes, approved beforehand.
    :ivar checklists: items by category of change; ``default`` stands in for the built-in list.
    :ivar patience: seconds that a deployment waits for a ledger that does not answer, before it goes on without.
    :ivar stale_after: a host whose last snapshot is older is called stale.
    :ivar lock_timeout: seconds to wait for another process.
    :ivar allow_network_home: whether the home may lie on a network file system.
    """

    host: str
    stream: str
    database: str = "sqlite:///ledger.db"
    watch: tuple[str, ...] = ("/etc", STATE)
    ignore: tuple[str, ...] = DEFAULT_IGNORE
    size_limit: int = 1024**2
    recipients: tuple[str, ...] = ()
    own_key: bool = True
    secret_rules: tuple[SecretRule, ...] = ()
    detect_secrets: bool = False
    noise_rules: tuple[NoiseRule, ...] = ()
    format_rules: tuple[FormatRule, ...] = ()
    stated_policy: Policy | None = None
    templates: tuple[Template, ...] = ()
    checklists: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    patience: float = 5.0
    retention: Retention | None = None
    stale_after: timedelta = STALE_AFTER
    lock_timeout: float = 30.0
    allow_network_home: bool = False

    @property
    def policy(self) -> Policy:
        """What is demanded of changes: what is stated, else the light defaults."""
        from changelog_ledger.model.policy import Policy

        return self.stated_policy or Policy()


@dataclass(frozen=True, slots=True)
class _Key:
    """One allowed key: the attribute it sets, how it is read, and what to say is allowed."""

    attribute: str
    read: Callable[[Any], Any]
    allowed: str


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _name(value: Any) -> str:
    return checked_name(_text(value))


def _database(value: Any) -> str:
    if not _text(value).startswith(("sqlite:///", "postgresql://")):
        raise ValueError
    return _text(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(entry) for entry in value)


def _absolute(value: Any) -> tuple[str, ...]:
    paths = _texts(value)
    if not all(path.startswith("/") for path in paths):
        raise ValueError
    return paths


def _watched(value: Any) -> tuple[str, ...]:
    paths = _texts(value)
    _absolute(list(without_state(paths)))
    return paths


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(_text(value))
    if not match:
        raise ValueError
    return int(match[1]) * _SIZE_UNITS[match[2] or ""]


def _duration(value: Any) -> timedelta:
    return parse_duration(_text(value))


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 3600:
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _recipients(value: Any) -> tuple[str, ...]:
    recipients = _texts(value)
    if not all(_RECIPIENT.fullmatch(recipient) for recipient in recipients):
        raise ValueError
    return recipients


def _rules(kind: type[SecretRule] | type[NoiseRule], needed: tuple[str, ...]) -> Callable[[Any], Any]:
    """A reader of ``[[redaction]]`` or ``[[noise]]``: tables with the fields of ``kind``, of which a name and one of ``needed`` must be there."""
    readers: Mapping[str, Callable[[Any], Any]] = {
        "name": _text, "paths": _texts, "keys": _texts, "pattern": _pattern, "secret": _flag, "lines": _patterns, "parts": _patterns,
    }  # fmt: skip
    known = {entry.name for entry in fields(kind)}

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise TypeError
        return tuple(rule(number, table) for number, table in enumerate(value, 1))

    def rule(number: int, table: Mapping[str, Any]) -> SecretRule | NoiseRule:
        called = f"table {number} ({table.get('name', 'without a name')})"
        if table.keys() - known or "name" not in table or not table.keys() & set(needed) or [] in table.values():
            raise ValueError(f"{called} has other keys than it may, or lacks one")
        values = {}
        for key, given in table.items():
            try:
                values[key] = readers[key](given)
            except (ValueError, TypeError, re.error) as error:
                raise ValueError(f"{called}, {key} = {given!r}" + (f": {error}" if isinstance(error, re.error) else "")) from error
        return kind(**values)

    return read


def _format_rules(value: Any) -> tuple[FormatRule, ...]:
    if not isinstance(value, list):
        raise TypeError("is a table of its own, [[formats]]")
    return tuple(_format_rule(number, table) for number, table in enumerate(value, 1))


def _format_rule(number: int, table: Any) -> FormatRule:
    if not isinstance(table, dict) or table.keys() != {"paths", "format"}:
        raise ValueError(f"table {number} (it takes paths and format, and no other key)")
    try:
        paths, name = _texts(table["paths"]), _text(table["format"])
    except (ValueError, TypeError) as error:
        raise ValueError(f"table {number}: paths is a list of globs, format a name") from error
    if not paths:
        raise ValueError(f"table {number} has no paths")
    return FormatRule(paths, name)


def _retention(value: Any) -> Retention:
    if not isinstance(value, dict):
        raise TypeError
    if "keep_all" not in value or value.keys() - {entry.name for entry in fields(Retention)}:
        raise ValueError
    return Retention(**{rule: FOREVER if length == "forever" else _duration(length) for rule, length in value.items()})


def _pattern(value: Any) -> str:
    if "secret" not in re.compile(_text(value)).groupindex or may_take_forever(value):
        raise ValueError
    return _text(value)


def _patterns(value: Any) -> tuple[str, ...]:
    if any(may_take_forever(text) for text in _texts(value)):
        raise ValueError
    return tuple(re.compile(text).pattern for text in _texts(value))


def _policy(value: Any) -> Policy:
    from changelog_ledger.settings.change_rules import read_policy  # here and below: few homes have rules, and a snapshot needs none

    return read_policy(value)


def _templates(value: Any) -> tuple[Template, ...]:
    from changelog_ledger.settings.change_rules import read_templates

    return read_templates(value)


def _checklists(value: Any) -> Mapping[str, tuple[Item, ...]]:
    from changelog_ledger.settings.change_rules import read_checklists

    return read_checklists(value)


_KEYS: Mapping[str, _Key] = {
    "host": _Key("host", _name, "a host name such as web-01"),
    "stream": _Key("stream", _name, "the name that ledger init made"),
    "database": _Key("database", _database, "sqlite:///PATH or postgresql://USER@HOST/NAME"),
    "stale_after": _Key("stale_after", _duration, "a duration such as 26h or 3d"),
    "lock_timeout": _Key("lock_timeout", _seconds, "seconds, more than 0 and up to 3600"),
    "allow_network_home": _Key("allow_network_home", _flag, "true or false"),
    "snapshot.watch": _Key("watch", _watched, "a list of absolute paths, @state and @state/NAME"),
    "snapshot.ignore": _Key("ignore", _texts, "a list of globs such as /etc/mtab or **/*.swp"),
    "snapshot.size_limit": _Key("size_limit", _size, "a size such as 1 MiB or 512 KiB"),
    "snapshot.detect_secrets": _Key("detect_secrets", _flag, "true (with the extra: pip install 'changelog-ledger[secrets]') or false"),
    "sealing.recipients": _Key("recipients", _recipients, "a list of age recipients, age1…"),
    "sealing.own_key": _Key("own_key", _flag, "true or false"),
    "patience": _Key("patience", _seconds, "seconds, more than 0 and up to 3600"),
    "changes": _Key("stated_policy", _policy, "a table with the rules for changes, such as approvals and in_freeze"),
    "templates": _Key("templates", _templates, "[[templates]] tables with name, title, and what else a change may have, such as paths and impact"),
    "checklists": _Key("checklists", _checklists, "a table with lists of items: for default, or for a category of changes such as firewall"),
    "retention": _Key("retention", _retention, "a table with keep_all, and perhaps daily, weekly and monthly: durations such as 14d, 52w or forever"),
    "redaction": _Key(
        "secret_rules",
        _rules(SecretRule, ("keys", "pattern")),
        "[[redaction]] tables with name, keys or pattern (a regular expression with a group (?P<secret>…); "
        "neither a repetition within a repetition nor .* more than twice), "
        "and perhaps paths and secret = false",
    ),
    "noise": _Key(
        "noise_rules",
        _rules(NoiseRule, ("paths", "keys", "lines", "parts")),
        "[[noise]] tables with name and some of paths, keys (globs of key paths), lines and parts (regular expressions); no list may be empty",
    ),
    "formats": _Key(
        "format_rules", _format_rules, '[[formats]] tables with paths (a list of globs) and format, such as "nginx", or "lines" for none'
    ),
}


_UNSAID = ("database", "sealing.recipients")
"""Values that an error does not repeat: a password may be in an address, and somebody may take the secret half of a key for the public one."""


_OF_TABLES = ("redaction", "noise", "formats")
"""Values that are lists of tables: the error says which of them."""


_TABLES: Mapping[str, str] = {"changes": "[changes]:", "checklists": "[checklists]:", "templates": "[[templates]]"}
"""Values whose reader says itself what in them will not do, and the heading that an error names."""


def read_settings(path: Path) -> Settings:
    """The settings of a home's ``ledger.toml``.

    :raises SettingsError: naming file, key and allowed values.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}", "is this a home? make one with: ledger init") from error
    return parse_settings(text, str(path))


def parse_settings(text: str, name: str) -> Settings:
    """Settings from TOML text; ``name`` is what errors call the file.

    :raises SettingsError: naming file, key and allowed values.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not valid TOML: {error}", "mend the line it names") from error
    values = {_KEYS[key].attribute: _value(name, key, value) for key, value in _flattened(document, name)}
    for required in ("host", "stream"):
        if required not in values:
            raise SettingsError(f"{name} lacks the key {required!r}", f"allowed: {_KEYS[required].allowed}")
    return Settings(**values)


def _flattened(document: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    """Keys with their section, ``snapshot.watch``; unknown ones are refused."""
    pairs: list[tuple[str, Any]] = []
    for key, value in document.items():
        if isinstance(value, dict) and any(known.startswith(key + ".") for known in _KEYS):
            pairs += [(f"{key}.{inner}", inner_value) for inner, inner_value in value.items()]
        else:
            pairs.append((key, value))
    for key, _ in pairs:
        if key not in _KEYS:
            raise SettingsError(f"{name} has an unknown key {key!r}", f"allowed keys: {', '.join(_KEYS)}")
    return pairs


def _value(name: str, key: str, value: Any) -> Any:
    try:
        return _KEYS[key].read(value)
    except (ValueError, TypeError, InvalidInput, re.error) as error:
        said = key if key in _UNSAID else f"{key} = {value!r}"
        said = f"[[{key}]] {error}" if key in _OF_TABLES else said
        said = f"{_TABLES[key]} {error}" if key in _TABLES else f"{said} will not do"
        raise SettingsError(f"{name}: {said}", f"allowed: {_KEYS[key].allowed}") from error


def settings_text(*, host: str, stream: str, watch: tuple[str, ...], database: str, recipients: tuple[str, ...] = (), own_key: bool = True) -> str:
    """The ``ledger.toml`` that ``init`` writes: what was chosen, and the rest as comments."""
    paths = ", ".join(_quoted(path) for path in watch)
    sealed_for = ", ".join(_quoted(recipient) for recipient in recipients)
    ignored = "".join(f"    {_quoted(glob)},\n" for glob in DEFAULT_IGNORE)
    return f"""\
# changelog-ledger: the settings of this home. An unknown key is an error, so a typo cannot hide.

host = {_quoted(host)}              # the name under which this machine's snapshots are kept
stream = {_quoted(stream)}
database = {_quoted(database)}
# stale_after = "26h"               # a host whose last snapshot is older is called stale
# lock_timeout = 30                 # seconds to wait for another process
# allow_network_home = false

[snapshot]
watch = [{paths}]
# size_limit = "1 MiB"              # of a larger file only the hash is kept
ignore = [
{ignored}]

[sealing]                           # secrets are masked; the originals are sealed with age, for
own_key = {str(own_key).lower()}                      # the key in keys/sealing.key, which opens them here
recipients = [{sealed_for}]                     # and for these public keys (age1…), whose owners open them elsewhere

# [changes]                         # what is asked of changes; see docs/how-to/plan-a-change.md
# approvals = {{ medium = 1, high = 2 }}
# separate_approver = true          # whoever plans a change may not approve it

# [checklists]                      # items by category; "default" stands in for the built-in list
# firewall = ["rule documented", {{ text = "shop answers", command = "curl -fsS https://shop.example/health" }}]

# [[templates]]                     # standard changes, approved beforehand: ledger change plan --template cert
# name = "cert"
# title = "Renew the certificate"
# paths = ["/etc/ssl/**"]

# [[redaction]]                     # what is a secret here, or looks like one and is none
# name = "till PIN"
# paths = ["/etc/till/**"]
# keys = ["operator_pin"]

# [[noise]]                         # what changes by itself: stored, but no evidence
# name = "generated stamp"
# paths = ["/etc/app/*.conf"]
# lines = ['^# Generated on ']

# [[formats]]                       # what is in which format, where the name does not say so; "lines" for none
# paths = ["/opt/app/*.conf"]
# format = "nginx"
"""


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(
        f"\\u{ord(character):04x}" if ord(character) < 32 or ord(character) == 127 else "\\" + character if character in '"\\' else character
        for character in text
    )
    return f'"{escaped}"'
