"""The machine's state as collectors write it, ``@state/NAME``: JSON whose keys are names; the order of a list means nothing.

Keys read as for a configuration file: ``tcp/0.0.0.0:8080`` of ``@state/listening-ports``. Every value is a text, and shown without quotes even
where it looks like a number (``mtu``), for there is nothing that it could be mistaken for.
"""

from __future__ import annotations

import re
from dataclasses import replace

from changelog_ledger.formats import json_documents
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.model.document import ListPolicy, Node, Order

_QUOTED = re.compile(r'"([^"\\]*)"')


def read(text: str) -> Parsed:
    """The tree.

    :raises Unparsable: for anything that is no JSON.
    """
    parsed = json_documents.read(text)
    return replace(parsed, root=_plain(parsed.root))


def _plain(node: Node) -> Node:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    quoted = _QUOTED.fullmatch(node)
    return quoted[1] if quoted else node


FORMATS = (Format("state", read, (ListPolicy(("**",), order=Order.SET),)),)
