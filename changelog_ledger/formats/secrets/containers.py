"""Kubernetes: Secrets (whole values, in YAML and JSON, lists too)."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import SecretCatalogue, SecretObject, Spelling

CATALOGUE = SecretCatalogue(
    objects=(
        SecretObject(  # https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
            "Kubernetes Secret", b"Secret", ((b"data", Spelling.BASE64), (b"stringData", Spelling.WRITTEN))
        ),
    ),
)
