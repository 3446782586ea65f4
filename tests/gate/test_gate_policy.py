"""``.changelog-ledger.toml``: what it may say, and how it is refused when it says something else. A typo must not open the gate."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import SettingsError
from changelog_ledger.model.change import Status
from changelog_ledger.model.gate import Actor, Away, Configuration, GatePolicy, Merges, Stand, Trailer
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.settings.gate_policy import read_gate_policy

FULL = """
[gate]
config = ["hosts/{host}/**", "services/{service}/*.yaml", { paths = "firewall/**", on = "host:fw-01", root = "/etc" }, { paths = "*.tf", on = "all" }]
generated = ["**/*.lock", "hosts/{host}/cache/**"]
covered_by = ["started", "planned"]
within_window = []
actor = "same"
exempt_authors = ["renovate[bot]"]
merges = "all"
reverts = "refuse"
comments_only = "refuse"
format_only = "refuse"
trailer = "required"
when_away = "grant"
grant_keys = ["ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]

[gate.people]
"anna@example.org" = "anna"
"""


def read(text: str, name: str = ".changelog-ledger.toml") -> GatePolicy | None:
    return read_gate_policy(name, text.encode("utf-8", "surrogatepass"))


def refused(lines: str) -> str:
    with pytest.raises(SettingsError) as error:
        read(f"[gate]\n{lines}")
    assert error.value.hint
    return error.value.message


def test_everything_that_it_may_say() -> None:
    assert read(FULL) == GatePolicy(
        config=(
            Configuration("hosts/{host}/**"),
            Configuration("services/{service}/*.yaml"),
            Configuration("firewall/**", Target.host("fw-01"), "/etc"),
            Configuration("*.tf", EVERYTHING),
        ),
        generated=("**/*.lock", "hosts/{host}/cache/**"),
        covered_by=(Status.STARTED, Status.PLANNED),
        within_window=(),
        actor=Actor.SAME,
        people=(("anna@example.org", "anna"),),
        exempt_authors=("renovate[bot]",),
        merges=Merges.ALL,
        reverts=Stand.REFUSE,
        comments_only=Stand.REFUSE,
        format_only=Stand.REFUSE,
        trailer=Trailer.REQUIRED,
        when_away=Away.GRANT,
        grant_keys=("ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",),
    )


def test_what_it_does_not_say_is_as_usual() -> None:
    assert read("[gate]") == GatePolicy()


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_a_file_may_say_nothing_of_a_gate(text: str) -> None:
    assert read(text) is None


def test_it_may_stand_in_pyproject() -> None:
    text = '[project]\nname = "x"\n[tool.changelog-ledger.gate]\nactor = "same"\n'
    assert read(text, "pyproject.toml") == GatePolicy(actor=Actor.SAME, file="pyproject.toml")
    assert read('[project]\nname = "x"\n', "pyproject.toml") is None


def test_a_shorter_spelling_of_one_is_refused_like_any_typo() -> None:
    assert "a list of patterns, even of one" in refused('config = "hosts/**"')


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[gate]\nconfigs = ["**"]', "'configs'"),
        ("gates = 1", "'gates'"),
        ('[gate]\nconfig = [{ paths = "a/**", target = "host:a" }]', "'target'"),
        ('[gate]\nactor = "Same"', "anybody, same"),
        ('[gate]\ncovered_by = ["succeeded"]', "planned, approved, started"),
        ('[gate]\nconfig = [{ on = "host:a" }]', "a table has paths"),
        ('[gate]\nconfig = [{ paths = "a/**", on = "a" }]', "'a' is no target"),
        ("[gate]\ncovered_by = []", "nothing would ever be covered"),
        ('[gate]\ngrant_keys = ["ssh-ed25519 AAAA"]', "is no key"),
    ],
)
def test_what_is_not_known_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=r"\.changelog-ledger\.toml") as error:
        read(text)
    assert named in error.value.message


@pytest.mark.parametrize("pattern", ["../x", "/etc/x", "a/../b", "a/..", "./a", "a//b", "a\\b", "a\0b", "", " "])
def test_a_pattern_stays_in_the_repository(pattern: str) -> None:
    assert repr(pattern) in refused(f"config = [{json.dumps(pattern)}]")
    assert repr(pattern) in refused(f"generated = [{json.dumps(pattern)}]")


@pytest.mark.parametrize("root", ["etc", "../etc", "/etc/../root", "/etc/./x", "//etc", "/e\\c", "", "/e\0c"])
def test_a_root_is_a_folder_on_the_host(root: str) -> None:
    assert refused(f'config = [{{ paths = "a/**", root = {json.dumps(root)} }}]')


@pytest.mark.parametrize(
    "pattern",
    [
        "hosts/{name}/**",
        "hosts/{host/**",
        "{host}/{host}/**",
        "{host}{service}/**",
        "{host}-{service}/**",
        "hosts/*{host}/**",
        "hosts/[ab]{host}/**",
        "**/{host}/**",
        "**/{host}/etc",
        "**/{host}/",
        "a/**/{host}/b/**",
    ],
)
def test_what_stands_for_a_name_is_plain(pattern: str) -> None:
    refused(f"config = [{json.dumps(pattern)}]")


@pytest.mark.parametrize(
    "pattern", ["hosts/{host}/**", "**/{host}/*.conf", "**/{host}.yaml", "{service}/{host}/etc", "dc/*/{host}/**", "a b/**", "*"]
)
def test_what_says_plainly_which_name_is_meant_is_taken(pattern: str) -> None:
    found = read(f"[gate]\nconfig = [{json.dumps(pattern)}]")
    assert found is not None
    assert found.config == (Configuration(pattern),)


def test_five_hundred_patterns_are_enough() -> None:
    assert read(f"[gate]\nconfig = {json.dumps(['a'] * 500)}")
    assert "more than 500" in refused(f"config = {json.dumps(['a'] * 501)}")
    assert "1,000 characters" in refused(f'config = ["{"a" * 1001}"]')


@pytest.mark.parametrize("content", [b"\xff", b"\xef\xbb\xbf[gate]", b"[gate", b"a = " + b"[" * 100_000, b"a = " + b"9" * 5_000, b"\0"])
def test_what_is_no_toml_is_refused(content: bytes) -> None:
    with pytest.raises(SettingsError, match="is not TOML") as error:
        read_gate_policy(".changelog-ledger.toml", content)
    assert "git add" in error.value.hint


@pytest.mark.parametrize(
    "value", ['"' + "x" * 1_000_000 + '"', "[" * 90 + "]" * 90, '["' + '","'.join(["x"] * 300_000) + '"]', '"\\u001b[2J\\u202e"']
)
def test_an_error_stays_short_and_shows_no_control_character(value: str) -> None:
    for key in ("actor", "config", "people", "generated", "covered_by", "no_such_key", "exempt_authors"):
        try:
            read(f"[gate]\n{key} = {value}")
        except SettingsError as error:
            assert len(error.message) < 1_000
            assert error.message.isprintable()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["all", "**", "{host}", "started"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["paths", "on", "root", "x", ""]), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*GatePolicy.__dataclass_fields__, "typo", ""])


def toml(value: Any) -> str:
    if value is None:
        return "1979-05-27T07:32:00Z"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    return json.dumps(value).replace("Infinity", "inf").replace("\x7f", "\\u007f")


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_value_of_any_type_is_taken_or_refused(table: dict[str, Any]) -> None:
    text = "[gate]\n" + "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in table.items())
    try:
        found = read(text)
    except SettingsError:
        return
    assert isinstance(found, GatePolicy)
    assert found.covered_by


@given(st.text(alphabet='[]{}"=\n gate.config#*/\\u0', max_size=80) | st.text(max_size=60))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    try:
        found = read(text)
    except SettingsError:
        return
    assert found is None or isinstance(found, GatePolicy)


def test_reading_takes_time_in_proportion() -> None:
    def seconds(patterns: int) -> float:
        content = f"[gate]\nconfig = {json.dumps(['a/**/' + '*/' * 20 + '{host}.conf'] * patterns)}".encode()
        best = []
        for _ in range(3):
            begun = time.process_time()
            read_gate_policy(".changelog-ledger.toml", content)
            best.append(time.process_time() - begun)
        return min(best)

    assert seconds(480) < 4 * 8 * seconds(60)
