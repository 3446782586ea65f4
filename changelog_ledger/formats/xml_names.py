"""What elements of XML are known by: most have a name, an id or a key; of some products it stands elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from changelog_ledger.formats.entries import KNOWN_AS, Entry
from changelog_ledger.model.document import ListPolicy

_NAMES = ("@name", "@id", "@key", "@Name", "@Id", "@Key", "@ID", "name", "id", "key", "artifactId")
"""An element that has one of these is an item of a list even when it stands alone: its key does not change when another one comes."""

_FEWER_NAMES = ("@Include", "@path", "@href", "@uri", "@ref", "@username", "@code", "refid", "uuid", "descr", "description")
"""The same where several of an element stand side by side."""

_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    # Tomcat: https://tomcat.apache.org/tomcat-10.1-doc/config/
    "Connector": ("@port",),
    "Context": ("@path",),
    "Listener": ("@className",),
    "Realm": ("@className",),
    "Valve": ("@className",),
    "role": ("@rolename",),
    "user": ("@username",),
    # Jakarta Servlet, web.xml
    "context-param": ("param-name",),
    "env-entry": ("env-entry-name",),
    "error-page": ("error-code", "exception-type"),
    "filter": ("filter-name",),
    "filter-mapping": ("filter-name",),
    "init-param": ("param-name",),
    "resource-ref": ("res-ref-name",),
    "servlet": ("servlet-name",),
    "servlet-mapping": ("servlet-name",),
    # libvirt: https://libvirt.org/formatdomain.html
    "host": ("@mac", "@ip"),
    # pfSense and OPNsense
    "ca": ("refid",),
    "cert": ("refid",),
    "rule": ("tracker", "@uuid"),
    "staticmap": ("mac",),
    "vlan": ("vlanif",),
    # .NET and IIS
    "application": ("@path",),
    "location": ("@path",),
    "virtualDirectory": ("@path",),
    # log4j2, logback
    "AppenderRef": ("@ref",),
    "appender-ref": ("@ref",),
    # fonts-conf(5), dbus-daemon(1)
    "alias": ("family",),
    "policy": ("@user", "@group", "@context"),
}
"""Element: the attributes or elements in it that name it, before those that name any."""

_COMPOSED: Mapping[str, tuple[str, ...]] = {
    # Maven: https://maven.apache.org/pom.html
    "dependency": ("groupId+artifactId",),
    "exclusion": ("groupId+artifactId",),
    # libvirt
    "channel": ("target/@name",),
    "controller": ("@type+@index",),
    "disk": ("target/@dev",),
    "filesystem": ("target/@dir",),
    "interface": ("mac/@address",),
    # .NET and IIS
    "binding": ("@protocol+@bindingInformation",),
    "dependentAssembly": ("assemblyIdentity/@name",),
    # Jakarta Servlet
    "filter-mapping": ("filter-name+url-pattern",),
    "servlet-mapping": ("servlet-name+url-pattern",),
    # firewalld.zone(5), ImageMagick's policy.xml
    "policy": ("@domain+@pattern", "@domain+@name"),
    "port": ("@port+@protocol",),
}
"""Element: what names it only together (``+``), or stands an element deeper (``/``)."""

POLICIES = (
    *(ListPolicy(("**", element), (KNOWN_AS, *_NAMED_BY.get(element, ()), *_NAMES, *_FEWER_NAMES)) for element in {**_NAMED_BY, **_COMPOSED}),
    ListPolicy(("**",), (*_NAMES, *_FEWER_NAMES)),
)


def known_as(element: str, body: Sequence[Entry]) -> str:
    """The composed name of an element, empty for most."""
    for alternative in _COMPOSED.get(element, ()):
        pieces = [_value(piece, body) for piece in alternative.split("+")]
        if all(pieces):
            return ":".join(pieces)
    return ""


def is_named(element: str, body: Sequence[Entry]) -> bool:
    """Whether the element has a name, so that it is an item of a list."""
    names = {*_NAMES, *_NAMED_BY.get(element, ())}
    return any(entry.key in names and isinstance(entry.value, str) for entry in body)


def _value(path: str, body: Sequence[Entry]) -> str:
    """The text at ``path``, which has one or two steps; of elements that stand more than once, that of the first."""
    step, _, rest = path.partition("/")
    found = next((entry.value for entry in body if entry.key == step), "")
    if rest:
        return _value(rest, found) if isinstance(found, tuple) else ""
    return found if isinstance(found, str) else ""
