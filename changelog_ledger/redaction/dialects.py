"""How a file quotes and continues lines, told by its path."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Dialect(Enum):
    """What matters for the end of a value, and for undoing its quotes."""

    SHELL = "shell"
    DOTENV = "dotenv"
    YAML = "yaml"
    JSON = "json"
    XML = "xml"
    INI = "ini"
    PROPERTIES = "properties"
    TOML = "toml"
    HCL = "hcl"
    CODE = "code"
    OTHER = "other"


_BY_PATH = (
    (Dialect.DOTENV, r"(?:^|/)\.env[^/]*$|\.env(?:\.[\w-]+)?$|(?:^|/)environment$|/environment\.d/|(?:^|/)env_?file$"),
    (Dialect.YAML, r"\.(?:ya?ml|sls|eyaml)(?:\.\w{2,8})?$|(?:^|/)(?:user-data|cloud\.cfg|kubeconfig|admin\.conf|kubelet\.conf)$|/\.kube/config$"),
    (Dialect.JSON, r"\.(?:jsonc?|tfstate|ipynb|dockerconfigjson)(?:\.\w{2,8})?$|(?:^|/)\.dockercfg$"),
    (Dialect.XML, r"\.(?:xml|xsd|config|plist|csproj|resx|xhtml|xslt?)(?:\.\w{2,8})?$"),
    (Dialect.TOML, r"\.toml(?:\.\w{2,8})?$"),
    (Dialect.HCL, r"\.(?:tf|tfvars|hcl|nomad|pkr\.hcl)(?:\.\w{2,8})?$"),
    (Dialect.PROPERTIES, r"\.properties(?:\.\w{2,8})?$"),
    (Dialect.INI, r"\.(?:ini|cfg|cnf|nmconnection)(?:\.\w{2,8})?$|(?:^|/)(?:\.my\.cnf|\.pypirc|credentials|pip\.conf|main\.cf)$"),
    (Dialect.CODE, r"\.(?:py|js|ts|mjs|cjs|rb|php|pl|pm|lua|go|java|groovy|kt|cs|c|h|cpp|rules)(?:\.\w{2,8})?$|(?:^|/)Jenkinsfile$"),
    (
        Dialect.SHELL,
        r"\.(?:sh|bash|zsh|ksh|dash)(?:\.\w{2,8})?$|/etc/(?:default|sysconfig|profile\.d|init\.d|cron[^/]*)/|/etc/(?:profile|crontab|rc\.local|bash[^/]*)$"
        r"|(?:^|/)\.(?:bash|zsh|ksh)?(?:rc|profile|_profile|env)$|(?:^|/)\.(?:bashrc|bash_[a-z]+|zshenv|zshrc)$|/spool/cron/|(?:^|/)(?:rc\.conf|make\.conf)$",
    ),
)
_PATTERNS = tuple((dialect, re.compile(pattern)) for dialect, pattern in _BY_PATH)


@lru_cache(maxsize=4096)
def dialect_of(path: str) -> Dialect:
    """What the path says; :attr:`Dialect.OTHER` if nothing."""
    return next((dialect for dialect, pattern in _PATTERNS if pattern.search(path)), Dialect.OTHER)
