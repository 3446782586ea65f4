"""Files of JSON as tools write them: how they are laid out does not matter, and what is torn costs no other."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.delivery import Entry
from changelog_ledger.sources import json_entries
from changelog_ledger.sources.json_entries import read_entries

DOCUMENTS = [{"a": 1, "b": {"c": ["ä", None]}}, {"a": 2}, {"a": 3}]


def read(content: bytes) -> list[Entry]:
    return list(read_entries(io.BytesIO(content)))


def values(content: bytes) -> list[Any]:
    found = read(content)
    assert not any(entry.problem for entry in found), found
    return [entry.value for entry in found]


LINES = "\n".join(map(json.dumps, DOCUMENTS)).encode()


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        LINES + b"\n",
        LINES.replace(b"\n", b"\r\n\r\n"),
        "\n".join(json.dumps(each, indent=2) for each in DOCUMENTS).encode(),
        b"\xef\xbb\xbf" + LINES,
        LINES.decode().encode("utf-16"),
        gzip.compress(LINES, mtime=0),
        gzip.compress(b"\xef\xbb\xbf" + LINES, mtime=0),
        b"\x1e" + LINES.replace(b"\n", b"\n\x1e"),
    ],
)
def test_the_same_documents(content: bytes) -> None:
    assert values(content) == DOCUMENTS


@pytest.mark.parametrize("indent", [None, 2])
def test_one_document_is_one_entry(indent: int | None) -> None:
    assert values(json.dumps(DOCUMENTS, indent=indent).encode()) == [DOCUMENTS]
    assert values(b"[\n" + json.dumps(DOCUMENTS[0]).encode() + b"\n]\n") == [[DOCUMENTS[0]]]


def test_nothing_is_no_entry() -> None:
    assert read(b"") == read(b"\n \n") == []


def test_a_torn_first_line_costs_no_other() -> None:
    found = read(b'"half": 1}\n' + LINES)
    assert [entry.value for entry in found] == [None, *DOCUMENTS]
    assert found[0].problem.startswith("not JSON")
    assert [entry.number for entry in found] == [1, 2, 3, 4]


def test_a_line_torn_in_the_middle_costs_no_other() -> None:
    found = read(LINES.replace(b'{"a": 2}', b'{"a": 2'))
    assert [entry.value for entry in found if not entry.problem] == [DOCUMENTS[0], DOCUMENTS[2]]


def test_a_document_that_breaks_off() -> None:
    found = read(json.dumps(DOCUMENTS[0], indent=1).encode() + b'\n{\n"a": ')
    assert [entry.value for entry in found] == [DOCUMENTS[0], None]
    assert found[1].problem


def test_a_gzip_file_that_breaks_off_gives_what_it_holds() -> None:
    many = "\n".join(json.dumps({"number": number, "text": str(number) * 50}) for number in range(20_000)).encode()
    found = read(gzip.compress(many)[:-2000])
    assert sum(not entry.problem for entry in found) > 1_000
    assert "breaks off" in found[-1].problem


def test_what_is_nested_too_deeply_is_told() -> None:
    assert read(b"[" * 200_000 + b"]" * 200_000)[0].problem


def test_what_is_no_utf_8_stays_visible() -> None:
    assert values(b'{"a": "\xff"}\n{"a": 1}\n'.replace(b"\xff", b"z\xc3\xa4")) == [{"a": "zä"}, {"a": 1}]
    assert read(b'{"a": "\xe4"}\n{"a": 1}\n')[1].value == {"a": 1}


def test_what_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_entries, "LARGEST", 1_000)
    whole = json.dumps(["x" * 100] * 50, indent=1).encode()
    assert "larger than" in read(whole)[0].problem
    found = read(b'{"a": 1}\n' + b'{"b": "' + b"x" * 5_000 + b'"}\n{"c": 1}\n')
    assert [entry.value for entry in found if not entry.problem] == [{"a": 1}, {"c": 1}]


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(LINES)
    assert len(list(read_entries(str(tmp_path / "a.json")))) == 3
    with pytest.raises(NotFound):
        list(read_entries(str(tmp_path / "b.json")))
    with pytest.raises(InvalidInput):
        list(read_entries(str(tmp_path)))


def test_progress_counts_bytes() -> None:
    done: list[int] = []
    list(read_entries(io.BytesIO(LINES), done.append))
    assert sum(done) == len(LINES)


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:1 \n\\u', max_size=60).map(str.encode))
def test_any_bytes_never_raise(content: bytes) -> None:
    assert all(entry.number for entry in read(content))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_utf_16_is_not_cut_off(monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    monkeypatch.setattr(json_entries, "LARGEST", 1000)
    lines = "".join(f'{{"number": {number}, "of": "größe 😀"}}\n' for number in range(5_000))
    entries = read(pack(lines.encode("utf-16")))
    assert [entry.value["number"] for entry in entries] == list(range(5_000))
    assert entries[-1].value["of"] == "größe 😀"


def test_torn_utf_16_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(LINES.decode().encode("utf-16") * 3)
    assert any(entry.problem for entry in read(whole[:-12]))
    document = json.dumps({"a": "x" * 3_000}, indent=1).encode("utf-16")
    monkeypatch.setattr(json_entries, "LARGEST", 1000)
    assert "larger than" in read(document)[0].problem
