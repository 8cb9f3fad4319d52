"""The certificate authorities that requests would trust."""

from pathlib import Path

import pytest
import requests.certs
import trustme

from hub.diagnosis.certificates import check_certificates
from hub.diagnosis.check import Check


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def look(**environ: object) -> Check:
    (check,) = check_certificates({name: str(value) for name, value in environ.items()})
    return check


def test_without_settings_it_is_the_bundle_of_requests() -> None:
    check = look()
    assert check.status == "ok"
    assert check.found.startswith(f"{requests.certs.where()} (certifi), TLS by OpenSSL")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_ones_own_is_read(name: str, tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    check = look(**{name: tmp_path / "ca.pem"})
    assert check.status == "ok"
    assert check.found.startswith(f"{tmp_path / 'ca.pem'} ({name})")


def test_the_variable_of_requests_counts_before_the_one_of_curl(tmp_path: Path) -> None:
    check = look(REQUESTS_CA_BUNDLE=tmp_path / "none", CURL_CA_BUNDLE=requests.certs.where())
    assert check.found == (
        f"{tmp_path / 'none'} (REQUESTS_CA_BUNDLE) cannot be read: No such file or directory"
    )
    assert check.status == "failed"
    assert check.advice == ("set REQUESTS_CA_BUNDLE to a file of PEM certificates, or unset it")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is no certificate\n",
        b"-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n",
        b"\x00\xff" * 100,
    ],
)
def test_a_broken_bundle_fails(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    check = look(REQUESTS_CA_BUNDLE=tmp_path / "ca.pem")
    assert check.status == "failed"
    assert "holds no certificate" in check.found
    assert "set REQUESTS_CA_BUNDLE" in check.advice


def test_a_certificate_that_is_no_authority_fails(tmp_path: Path, authority: trustme.CA) -> None:
    leaf = authority.issue_cert("example.org").cert_chain_pems[0]
    leaf.write_to_path(str(tmp_path / "leaf.pem"))
    check = look(REQUESTS_CA_BUNDLE=tmp_path / "leaf.pem")
    assert check.status == "failed"
    assert check.found.endswith("holds no certificate authority")


def test_a_folder_of_certificates_will_do_unless_it_is_empty(
    tmp_path: Path, authority: trustme.CA
) -> None:
    assert look(REQUESTS_CA_BUNDLE=tmp_path).status == "failed"
    authority.cert_pem.write_to_path(str(tmp_path / "0123abcd.0"))
    assert look(REQUESTS_CA_BUNDLE=tmp_path).status == "ok"


def test_a_variable_that_requests_does_not_read_is_a_warning(
    tmp_path: Path, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    check = look(SSL_CERT_FILE=tmp_path / "ca.pem")
    assert check.status == "warning"
    assert check.found.endswith("SSL_CERT_FILE is set, but requests does not read it")
    assert check.advice.startswith("set REQUESTS_CA_BUNDLE to the same place")
    both = look(SSL_CERT_FILE=tmp_path / "ca.pem", REQUESTS_CA_BUNDLE=tmp_path / "ca.pem")
    assert both.status == "ok"
