"""Which files of a repository are configuration or infrastructure code, where nobody has said so: by their paths, never by their content.

What is told here too often costs a line in the record; what is missed, somebody looks for at night. So a name that usually means it is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.model import globs
from changelog_ledger.model.gate import POLICY_FILE

_GLOBS = (
    # Terraform, OpenTofu, Terragrunt, Packer, Nomad, CloudFormation, Pulumi, Bicep
    "*.tf", "*.tf.json", "*.tfvars", "*.tfvars.json", "*.tofu", "*.hcl", "*.nomad", "*.bicep", ".terraform.lock.hcl",
    "cloudformation/**", "*.cfn.yaml", "*.cfn.yml", "Pulumi.yaml", "Pulumi.*.yaml", "serverless.yml", "serverless.yaml",
    # Kubernetes, Helm, Kustomize, Flux, Argo CD
    "k8s/**", "kubernetes/**", "manifests/**/*.yaml", "manifests/**/*.yml", "helm/**", "charts/**", "Chart.yaml", "Chart.lock", "helmfile.yaml",
    "values.yaml", "values.yml", "values-*.yaml", "values-*.yml", "values.*.yaml", "kustomization.yaml", "kustomization.yml", "clusters/**/*.yaml",
    "clusters/**/*.yml", "argocd/**", "flux-system/**",
    # Ansible
    "ansible/**", "playbooks/**", "group_vars/**", "host_vars/**", "inventory/**", "inventories/**", "ansible.cfg", "site.yml", "site.yaml",
    "playbook*.yml", "playbook*.yaml", "roles/*/tasks/**", "roles/*/handlers/**", "roles/*/templates/**", "roles/*/files/**", "roles/*/vars/**",
    "roles/*/defaults/**", "roles/*/meta/**", "requirements.yml",
    # Puppet, Salt, Chef, CFEngine, Nix
    "*.pp", "hiera.yaml", "hieradata/**", "Puppetfile", "*.sls", "salt/**", "pillar/**", "cookbooks/**", "Berksfile", "*.cf", "*.nix", "flake.lock",
    # Images and compositions
    "Dockerfile", "Dockerfile.*", "*.dockerfile", "Containerfile", "docker-compose*.yml", "docker-compose*.yaml", "compose.yml", "compose.yaml",
    "compose.*.yml", "compose.*.yaml", "Vagrantfile", "Procfile", "*.container", "*.kube",
    # Continuous integration
    "/.github/workflows/**", "/.github/actions/**", "/.gitlab-ci.yml", "/.gitlab/ci/**", "Jenkinsfile", "Jenkinsfile.*", "/.circleci/**",
    "azure-pipelines*.yml", "/.travis.yml", "/.drone.yml", "/.woodpecker/**", "/.woodpecker.yml", "/.buildkite/**", "bitbucket-pipelines.yml",
    "/.forgejo/workflows/**", "/.gitea/workflows/**",
    # Configuration of machines and services
    "hosts/*/**", "etc/**", "nginx/**", "haproxy/**", "apache2/**", "httpd/**", "systemd/**", "prometheus/**", "alertmanager/**", "grafana/**",
    "*.conf", "*.cfg", "*.cnf", "*.ini", "*.service", "*.socket", "*.timer", "*.mount", "*.network", "*.netdev", "sshd_config", "sudoers", "crontab",
    "named.conf*", "*.zone", "Caddyfile", "*.vcl", "*.rules", "*.nft", "*.j2", "*.erb", "*.epp",
    POLICY_FILE,
)  # fmt: skip
_NEVER = (
    "node_modules/**",
    "vendor/**",
    "third_party/**",
    "test/fixtures/**",
    "tests/fixtures/**",
    "testdata/**",
    "setup.cfg",
    "tox.ini",
    "pytest.ini",
    "mypy.ini",
)
_NAMES_OF_HOSTS = frozenset(("hosts", "host_vars", "nodes"))
_ENDING = re.compile(r"\.(?:ya?ml|json|ini|nix|pp|toml)$")

_IS = globs.any_of(_GLOBS)
_IS_NOT = globs.any_of(_NEVER)


def is_infrastructure(path: str) -> bool:
    """Whether a path of a repository, relative to its root, looks like configuration or infrastructure code."""
    return _IS.fullmatch("/" + path) is not None and _IS_NOT.fullmatch("/" + path) is None


def hosts_in(path: str) -> Iterator[str]:
    """Names that may be a host's: what follows ``hosts``, ``host_vars`` or ``nodes`` in a path; ``host_vars/web-01.yml`` is about ``web-01``."""
    parts = path.split("/")
    for place, part in enumerate(parts[:-1]):
        if part in _NAMES_OF_HOSTS:
            following = parts[place + 1]
            yield _ENDING.sub("", following) if place + 2 == len(parts) else following
