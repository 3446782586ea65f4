"""Tests of the reports; a package so that they share the values in ``built``."""
