from __future__ import annotations
def test_x(either):
    print(either.snapshot())
    assert either.ledger.verify() == ()
