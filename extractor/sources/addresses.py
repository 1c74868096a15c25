"""Which network addresses a request may go to.

A public host name can point at the machine itself, at its network or at a cloud's metadata service, and can point
elsewhere the second time it is asked. So the name is resolved once, every address is checked, and the connection
is made to those very addresses (see `connections.py`).
Source of the ranges: the IANA special-purpose address registries (RFC 6890 and its updates); metadata addresses
from the documentation of the cloud providers.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from extractor.errors import FetchError, PrivateAddress, Unreachable
from extractor.sources.redact import redact_url

Address = IPv4Address | IPv6Address
AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
Resolver = Callable[[str, int], list[AddressInfo]]

_FORBIDDEN_V4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"), ("168.63.129.16/32", "cloud metadata"), ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"), ("192.0.0.0/24", "protocol assignments"), ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"), ("192.52.193.0/24", "AMT"), ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"), ("192.175.48.0/24", "AS112"), ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)  # fmt: skip
_FORBIDDEN_V6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::/128", "unspecified"), ("::1/128", "loopback"), ("64:ff9b:1::/48", "local NAT64"), ("100::/64", "discard"),
        ("2001::/23", "protocol assignments"), ("2001:db8::/32", "documentation"), ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"), ("ff00::/8", "multicast"),
    )
)  # fmt: skip
_IPV4_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LOCAL_NAMES = re.compile(
    r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|home\.arpa|ip6-localhost|ip6-loopback)$", re.IGNORECASE
)


def forbidden_because(address: Address) -> str | None:
    """Why no request may go to `address` ("loopback", "private", ...), or None for a public address.

    An IPv6 address that carries an IPv4 one (mapped, compatible, translated, NAT64, 6to4) is judged by what it carries.
    """
    if isinstance(address, IPv4Address):
        return next((what for network, what in _FORBIDDEN_V4 if address in network), None)
    if address.scope_id:
        return "link-local"
    for network, what in _FORBIDDEN_V6:
        if address in network:
            return what
    carried = _carried_ipv4(address)
    if carried is not None:
        return forbidden_because(carried)
    return None if address in _GLOBAL_UNICAST else "reserved"


def _carried_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in (_IPV4_COMPATIBLE, _TRANSLATED, _NAT64)):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal_address(host: str) -> Address | None:
    """The address that `host` spells, in any form a resolver takes: decimal, octal, hexadecimal, short, IPv6."""
    host = unquote(host).strip("[]").rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _system_resolver(host: str, port: int) -> list[AddressInfo]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@dataclass(frozen=True)
class AddressGuard:
    """Says where a request may go. `resolver` has the shape of `socket.getaddrinfo(host, port)`."""

    allow_private: bool = False
    resolver: Resolver = _system_resolver

    def check_url(self, url: str) -> str:
        """The host of `url`. Needs no name resolution, so that plain tricks are refused before anything is sent.

        Raises `FetchError` for a scheme other than http and https or a missing host, `PrivateAddress` for a local one.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise FetchError(f"{redact_url(url)} is no valid address ({error})") from None
        if parts.scheme.lower() not in ("http", "https"):
            raise FetchError(
                f"{redact_url(url)}: only http and https are fetched, not {parts.scheme or 'a bare path'!r}"
            )
        if not host:
            raise FetchError(f"{redact_url(url)} names no host")
        literal = literal_address(host)
        if literal is not None:
            self._check(host, literal)
        elif not self.allow_private and _LOCAL_NAMES.search(host.rstrip(".")):
            raise PrivateAddress(f"{host} is a local name; --allow-private-addresses permits it")
        return host

    def resolve(self, host: str, port: int) -> list[AddressInfo]:
        """The addresses of `host`, all of them public, in the resolver's order, to be dialled as they are.

        One forbidden address among public ones refuses the whole name: an honest name has no such mixture.
        Raises `PrivateAddress`, and `Unreachable` for a name that does not exist; lets other `OSError`s through.
        """
        try:
            infos = self.resolver(host, port)
        except socket.gaierror as error:
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
                raise Unreachable(f"there is no host named {host}; check the address") from None
            raise
        except UnicodeError:
            raise Unreachable(f"{host!r} is no valid host name") from None
        if not infos:
            raise Unreachable(f"{host} has no address")
        for info in infos:
            self._check(host, ip_address(info[4][0]))
        return infos

    def check_behind_proxy(self, host: str, port: int) -> None:
        """Refuse `host` if this machine resolves it to a forbidden address.

        The proxy resolves the name again and connects by itself, so behind one this is a best effort: a name that only
        the proxy can resolve passes, and what it resolves to is the proxy's to forbid.
        """
        try:
            self.resolve(host, port)
        except (OSError, Unreachable):
            return

    def _check(self, host: str, address: Address) -> None:
        if self.allow_private:
            return
        why = forbidden_because(address)
        if why is not None:
            where = host if literal_address(host) == address and host == str(address) else f"{host} is {address}"
            raise PrivateAddress(f"{where}, not a public address ({why}); --allow-private-addresses permits it")
