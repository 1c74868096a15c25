from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import FetchError, PrivateAddress, Unreachable
from extractor.sources.addresses import AddressGuard, forbidden_because, literal_address

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "64:ff9b:1::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::169.254.169.254",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2001:0:1::1",
    "100::1",
    "4000::1",
]
PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "130.14.29.110",
    "100.63.255.255",
    "172.32.0.1",
    "2607:f220:41e:4290::110",
    "64:ff9b::8.8.8.8",
    "2002:808:808::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert forbidden_because(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert forbidden_because(ip_address(address)) is None


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "0",
        "[::1]",
        "127.0.0.1.",
        "[::ffff:7f00:1]",
        "%31%32%37.0.0.1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "printer.local",
        "[fe80::1%25eth0]",
    ],
)
def test_disguises_are_refused_before_anything_is_sent(host: str) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("a name was resolved")

    with pytest.raises((PrivateAddress, FetchError)):
        AddressGuard(resolver=never).check_url(f"http://{host}/latest")


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_every_spelling_of_an_address_is_judged_alike(number: int) -> None:
    plain = IPv4Address(number)
    a, b, c, d = plain.packed
    spellings = [str(number), hex(number), f"0{number:o}", f"{a}.{b}.{c * 256 + d}", f"0x{a:x}.0{b:o}.{c}.{d}"]
    assert {literal_address(spelling) for spelling in spellings} == {plain}
    carried = (
        IPv6Address(f"::ffff:{plain}"),
        IPv6Address(f"64:ff9b::{plain}"),
        IPv6Address((0x2002 << 112) | (number << 80)),
    )
    assert {bool(forbidden_because(address)) for address in carried} == {bool(forbidden_because(plain))}


def resolving_to(*addresses: str) -> AddressGuard:
    def resolver(host: str, port: int) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return AddressGuard(resolver=resolver)


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(PrivateAddress, match=r"10\.0\.0\.5"):
        resolving_to("93.184.216.34", "10.0.0.5").resolve("mixed.example.org", 80)
    assert len(resolving_to("93.184.216.34").resolve("fine.example.org", 80)) == 1


def test_allowed_on_request() -> None:
    guard = AddressGuard(allow_private=True)
    assert guard.check_url("http://127.0.0.1:8000/a") == "127.0.0.1"
    assert guard.check_url("http://localhost/a") == "localhost"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org", "gopher://example.org", "http://", "//a", "http://[::1"]
)
def test_other_schemes_and_no_host(url: str) -> None:
    with pytest.raises(FetchError):
        AddressGuard(allow_private=True).check_url(url)


def test_name_that_does_not_exist() -> None:
    def resolver(host: str, port: int) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(Unreachable, match="no host named"):
        AddressGuard(resolver=resolver).resolve("nowhere.example.org", 80)


def test_behind_a_proxy_a_private_name_is_refused_and_an_unknown_one_left_to_the_proxy() -> None:
    with pytest.raises(PrivateAddress):
        resolving_to("192.168.0.1").check_behind_proxy("inside.example.org", 80)

    def resolver(host: str, port: int) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "no name server")

    AddressGuard(resolver=resolver).check_behind_proxy("outside.example.org", 80)
