"""End-to-end tests of the verbs by library; a package so that the command's and the crash tests share ``world``."""
