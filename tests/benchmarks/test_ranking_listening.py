"""The table of telling words, learnt from how people talk."""

import pytest

from benchmarks.ranking import listening
from changelog_ledger.investigation.learnt_words import LEARNT
from changelog_ledger.investigation.telling_words import Table


def test_the_table_is_what_the_texts_teach():
    assert listening.listen() == LEARNT


@pytest.mark.parametrize(("kinds", "least"), [({"complaint"}, 0.6), ({"work", "trace"}, 0.6)])
def test_an_author_is_understood_by_what_the_others_taught(tmp_path, kinds, least):
    left_out = "campus.tsv"
    for file in listening.TALK.glob("*.tsv"):
        if file.name != left_out:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    words = learnt(listening.listen(tmp_path), "complaint" if "complaint" in kinds else "work")
    lines = [line.split("\t") for line in (listening.TALK / left_out).read_text(encoding="utf-8").splitlines()]
    asked = [(fields.split(";"), listening.words_of(text)) for kind, fields, text in lines if kind in kinds]
    right = sum(best(text, words) in fields for fields, text in asked)
    assert right / len(asked) >= least


def learnt(table, kind):
    first, *lines = table.splitlines()
    fields = first.split("\t")[1:]
    rows = (line.split("\t") for line in lines)
    return {word: [(fields[int(each.split(":")[0])], float(each.split(":")[1])) for each in told.split()] for own, word, told in rows if own == kind}


def best(text, words):
    sums = {}
    for word in text:
        for field, much in words.get(word, ()):
            sums[field] = sums.get(field, 0.0) + much
    return max(sorted(sums), key=sums.get, default="")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("complaint\tno two tabs", "not three parts"),
        ("complaint\tno such field\ttext", "of known fields"),
        ("gossip\tcertificates\ttext", "neither a complaint"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path, line, says):
    (tmp_path / "one.tsv").write_text(f"work\tcertificates\trenew\n{line}\n")
    with pytest.raises(ValueError, match=says) as raised:
        listening.listen(tmp_path)
    assert "one.tsv:2" in str(raised.value)


def test_a_word_tells_of_the_field_where_it_is_said_more_than_elsewhere():
    said = [(Table.WORK, ("certificates",), frozenset({"renew", "chain"}))] * 600 + [(Table.WORK, ("mail",), frozenset({"relay", "chain"}))] * 200
    told = listening.telling([*said, (Table.WORK, ("mail",), frozenset({"hapax"}))])
    assert set(told["renew"]) == {"certificates"}
    assert told["chain"]["certificates"] > told["chain"]["mail"]
    assert "hapax" not in told  # said once
