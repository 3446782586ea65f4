"""Evidence in, judgement out: which time a question is about, what differs, which change explains it, and what is suspect.

The stage is pure: it gets a :class:`Material` and gives a :class:`~changelog_ledger.model.report.Report`.
"""

from changelog_ledger.investigation.attribution import attribute
from changelog_ledger.investigation.evidence import net_evidence, observed
from changelog_ledger.investigation.investigate import investigate
from changelog_ledger.investigation.material import Material, PeerView, Place
from changelog_ledger.investigation.window import choose_window

__all__ = ["Material", "PeerView", "Place", "attribute", "choose_window", "investigate", "net_evidence", "observed"]
