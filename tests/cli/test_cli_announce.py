"""``ledger change announce``."""

from __future__ import annotations

import pytest

from ..workflows.world import HOST
from .conftest import Desk


@pytest.fixture
def change(desk: Desk) -> str:
    window = ["--start", "2100-06-06T02:00+02:00", "--for", "2h"]
    planned = desk("change", "plan", "Core switch update", "--on", HOST, *window, "--ticket", "OPS-17", "--reason", "it leaks", "--backout", "x")
    return planned.out.strip()


def test_the_message_is_all_that_is_printed(desk: Desk, change: str) -> None:
    said = desk("change", "announce", change).out
    assert said.startswith("Planned maintenance: Core switch update\n\nWhen: ")
    assert "Sunday 6 June 2100, 00:00 to 02:00 UTC" in said
    assert f"Reference: {change} OPS-17" in said
    assert "leaks" not in said
    assert max(map(len, said.splitlines())) <= 80


def test_markdown_and_json(desk: Desk, change: str) -> None:
    assert desk("change", "announce", change, "--format", "markdown").out.startswith("## Planned maintenance: Core switch update\n")
    document = desk("change", "announce", change[:7], "--json").json
    assert (document["change"], document["status"]) == (change, "planned")
    assert document["text"] == desk("change", "announce", change).out


def test_the_fields_are_listed(desk: Desk) -> None:
    listed = desk("change", "announce", "--fields").out
    assert "$planned_utc" in listed
    assert "title" in desk("change", "announce", "--fields", "--json").json["fields"]


def test_own_templates(desk: Desk, change: str) -> None:
    (desk.home / "templates").mkdir()
    file = desk.home / "templates" / "announce-partners.txt"
    file.write_text("To our partners: $title ($$0)\nTicket $ticket\nAsk $contact\n")
    assert desk("change", "announce", change, "--template", "partners").out == "To our partners: Core switch update ($0)\nTicket OPS-17\n"
    file.write_text("$titel\n")
    assert f"{file}, line 1: there is no field $titel" in desk.refused("change", "announce", change, "--template", "partners")


def test_what_cannot_be_announced_is_refused(desk: Desk, change: str) -> None:
    assert "no end to announce" in desk.refused("change", "announce", change, "--at", "end")
    assert "there is no template" in desk.refused("change", "announce", change, "--template", "nowhere")
    assert "there is no change" in desk.refused("change", "announce", "CHG-000000")
    assert "ID" in desk("change", "announce", code=2).err


def test_nothing_of_a_title_reaches_the_terminal(desk: Desk) -> None:
    hostile = desk("change", "plan", "a\x1b[2Jb\u202ec", "--on", HOST, "--backout", "x").out.strip()
    said = desk("change", "announce", hostile).out
    assert "\x1b" not in said
    assert "\\x1b[2Jb\\u202ec" in said
