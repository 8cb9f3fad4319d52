"""A registry at a URL: a web folder of cards and their index."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from hub.assets.cache.cache import Cache
from hub.assets.cache.layout import Layout
from hub.errors import (
    AmbiguousModelError,
    ArgumentError,
    CardError,
    DownloadError,
    HubError,
    ModelNotFoundError,
    NoAnswerError,
    OfflineError,
    RegistryError,
)
from hub.registry.index import LARGEST_INDEX, format_index, index_folder
from hub.registry.registry import Registry
from hub.registry.remote import FRESH
from tests.conftest import AssetServer, answer, answer_status, redirect

WriteCard = Callable[..., Path]


def publish(server: AssetServer, root: Path) -> str:
    """Put a folder and its index on the web, and return the registry's URL."""
    server.serve("/cards/index.json", format_index(index_folder(root)))
    for path in root.rglob("*.md"):
        server.serve(f"/cards/{quote(path.relative_to(root).as_posix())}", path.read_bytes())
    return f"{server.origin}/cards"


def asked(server: AssetServer) -> list[str]:
    """The paths that were asked for since the last call."""
    paths = [path for path, _ in server.requests]
    server.requests.clear()
    return paths


@pytest.fixture
def url(server: AssetServer, root: Path) -> str:
    return publish(server, root)


@pytest.fixture
def other() -> Iterator[AssetServer]:
    other = AssetServer()
    yield other
    other.stop()


@pytest.fixture
def let_age(url: str, cache_folder: Path) -> Callable[[float], None]:
    """Let the kept index grow older."""

    def age(seconds: float) -> None:
        path = Layout(cache_folder).card(f"{url}/index.json")
        os.utime(path, (time.time() - seconds,) * 2)

    return age


def describe(registry: Registry, model_id: str, base: str) -> object:
    """What comes of an id: a card, or an error with its facts; ``base`` is left out of it."""
    try:
        card = registry.resolve(model_id)
    except HubError as error:
        facts = (getattr(error, "suggestions", ()), getattr(error, "candidates", ()))
        return type(error), facts, str(error).replace(base, "")
    return card.source.removeprefix(base), card.id, card.model_name, card.body.text


@pytest.mark.parametrize(
    "model_id",
    [
        "MindSpore/lite0",
        "mindspore/LITE0",
        "MindSpore/lite0@2.5",
        "MindSpore/b0_imagenet",
        "MindSpore/b0_imagenet@1.9",
        "mindspore/2.5/b0_imagenet",
        "MindSpore/efficientnet_b0",
        "MindSpore/EfficientNet_B0@2.5",
        "mindspore/2.5/efficientnet_b0_imagenet2012",
        "noah/gpu/1.8/fastmim",
        "Noah/ascend/fastmim@1.8",
        "MindSpore/efficientnet_b0@1.9",
        "Noah/fastmim",
        "mindspore/lite_0",
        "somebody/fastmim",
        "MindSpore/b0_imagenet@2.7",
        "MindSpore/broken",
        "lite0",
    ],
)
def test_an_id_means_the_same_at_a_url_as_in_a_folder(url: str, root: Path, model_id: str) -> None:
    assert describe(Registry(url), model_id, url) == describe(Registry(root), model_id, str(root))


@pytest.mark.parametrize("pattern", ["*", "LITE*", "noah/*", "*b0_c?far", "nothing*"])
def test_models_are_listed_as_those_of_a_folder(url: str, root: Path, pattern: str) -> None:
    assert Registry(url).list_models(pattern) == Registry(root).list_models(pattern)


def test_an_ambiguous_id_lists_ids_that_are_exact(url: str) -> None:
    with pytest.raises(AmbiguousModelError, match="means 2 cards") as caught:
        Registry(url).resolve("MindSpore/efficientnet_b0@1.9")
    for candidate in caught.value.candidates:
        assert str(Registry(url).resolve(candidate).id) == candidate


def test_cards_that_share_an_exact_id_are_told_apart_by_their_urls(
    server: AssetServer, tmp_path: Path, write_card: WriteCard
) -> None:
    write_card("cards/o/2.5/x.md")
    write_card("cards/o/x.md")
    url = publish(server, tmp_path / "cards")
    with pytest.raises(AmbiguousModelError) as caught:
        Registry(url).resolve("o/x")
    assert list(caught.value.candidates) == [f"{url}/o/2.5/x.md", f"{url}/o/x.md"]


def test_a_name_with_a_plus_is_written_as_urls_have_it(
    server: AssetServer, tmp_path: Path, write_card: WriteCard
) -> None:
    write_card("cards/o/predrnn++.md", name="predrnn")
    url = publish(server, tmp_path / "cards")
    card = Registry(f"{url}//").resolve("o/predrnn++")
    assert (card.source, str(card.id)) == (f"{url}/o/predrnn%2B%2B.md", "o/predrnn++@2.5")


def test_listing_asks_for_the_index_alone_and_a_card_costs_one_request(
    url: str, server: AssetServer
) -> None:
    Registry(url).list_models()
    assert asked(server) == ["/cards/index.json"]
    Registry(url).resolve("MindSpore/efficientnet_b0")
    assert asked(server) == ["/cards/MindSpore/2.10/b0_imagenet.md"]
    Registry(url).resolve("MindSpore/efficientnet_b0")
    assert asked(server) == []


def test_an_index_is_asked_for_again_after_a_minute_and_the_card_is_not(
    url: str, server: AssetServer, let_age: Callable[[float], None]
) -> None:
    Registry(url).resolve("MindSpore/lite0")
    asked(server)
    let_age(FRESH - 20)
    Registry(url).resolve("MindSpore/lite0")
    assert asked(server) == []
    for age in (FRESH + 1, -3600):  # a clock that was set back is no reason to trust
        let_age(age)
        Registry(url).resolve("MindSpore/lite0")
        assert asked(server) == ["/cards/index.json"]


def test_a_card_that_was_replaced_is_read_anew(
    url: str,
    server: AssetServer,
    root: Path,
    write_card: WriteCard,
    let_age: Callable[[float], None],
) -> None:
    Registry(url).resolve("MindSpore/lite0")
    write_card("cards/MindSpore/lite0.md", name="lite0", replace={"cv\n\n---": "video\n\n---"})
    publish(server, root)
    let_age(FRESH + 1)
    assert Registry(url).resolve("MindSpore/lite0").summary == "lite0 is used for video"


def test_without_an_answer_the_registry_is_as_it_was_last_read(
    url: str,
    server: AssetServer,
    let_age: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    models, card = Registry(url).list_models(), Registry(url).resolve("MindSpore/lite0")
    let_age(FRESH + 1)
    server.stop()
    assert Registry(url).list_models() == models
    assert f"no answer from {url}/index.json: Connection refused" in caplog.text
    assert "the index is taken as it was last read" in caplog.text
    assert Registry(url).resolve("MindSpore/lite0") == card
    with pytest.raises(NoAnswerError, match=r"no answer from .*/fastmim\.md"):
        Registry(url).resolve("Noah/gpu/fastmim")


def test_a_registry_that_never_answered_is_an_error(server: AssetServer) -> None:
    server.stop()
    with pytest.raises(NoAnswerError, match=r"no answer from .*/index\.json: Connection refused"):
        Registry(server.origin).list_models()


def test_offline_the_registry_is_as_it_was_last_read_without_a_word(
    url: str,
    server: AssetServer,
    let_age: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    models, card = Registry(url).list_models(), Registry(url).resolve("MindSpore/lite0")
    asked(server)
    let_age(1e6)
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert Registry(url).list_models() == models
    assert Registry(url).resolve("MindSpore/lite0") == card
    with pytest.raises(OfflineError, match=r"fastmim\.md was never read as the index has it"):
        Registry(url).resolve("Noah/gpu/fastmim")
    assert (asked(server), caplog.text) == ([], "")


def test_offline_a_registry_that_was_never_read_is_an_error(
    url: str, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match=r"index\.json was never read, and MSHUB_OFFLINE is set"):
        Registry(url).list_models()
    assert asked(server) == []


def test_a_damaged_index_is_an_error_and_does_not_replace_the_one_that_was_kept(
    url: str,
    server: AssetServer,
    let_age: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = Registry(url).list_models()
    let_age(FRESH + 1)
    server.serve("/cards/index.json", b"<html>please log in</html>")
    with pytest.raises(RegistryError, match=rf"{url}/index\.json is damaged: it is not JSON") as it:
        Registry(url).list_models()
    assert it.value.location == f"{url}/index.json"
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert Registry(url).list_models() == models


def test_what_was_kept_and_spoiled_since_is_read_again(
    url: str, server: AssetServer, cache_folder: Path
) -> None:
    card = Registry(url).resolve("MindSpore/lite0")
    for page in ("index.json", "MindSpore/lite0.md"):
        Layout(cache_folder).card(f"{url}/{page}").write_bytes(b"spoiled")
    asked(server)
    assert Registry(url).resolve("MindSpore/lite0") == card
    assert asked(server) == ["/cards/index.json", "/cards/MindSpore/lite0.md"]


def test_an_index_that_never_ends_is_refused(url: str, server: AssetServer) -> None:
    server.serve("/cards/index.json", b" " * (LARGEST_INDEX + 1))
    with pytest.raises(DownloadError, match="more than 16,777,216 bytes"):
        Registry(url).list_models()


def test_a_url_without_an_index_says_how_one_is_made(server: AssetServer) -> None:
    with pytest.raises(RegistryError) as caught:
        Registry(f"{server.origin}/none").list_models()
    assert str(caught.value) == (
        f"there is no registry at {server.origin}/none, for {server.origin}/none/index.json is not"
        " there; `hub index FOLDER` writes the index of a folder of cards"
    )


def test_a_card_that_is_not_the_one_in_the_index_is_refused_and_not_kept(
    url: str, server: AssetServer, cache_folder: Path
) -> None:
    server.serve("/cards/MindSpore/lite0.md", b"# another card")
    with pytest.raises(RegistryError, match=r"lite0\.md is not the card that the index lists; the"):
        Registry(url).resolve("MindSpore/lite0")
    assert Cache(cache_folder).read_card(f"{url}/MindSpore/lite0.md") is None


def test_an_update_right_after_the_index_was_read_is_no_error(
    url: str, server: AssetServer, root: Path, write_card: WriteCard
) -> None:
    Registry(url).list_models()
    write_card("cards/MindSpore/lite0.md", name="lite0", replace={"cv\n\n---": "video\n\n---"})
    publish(server, root)
    asked(server)
    assert Registry(url).resolve("MindSpore/lite0").summary == "lite0 is used for video"
    assert asked(server) == ["/cards/MindSpore/lite0.md", "/cards/index.json"]
    Registry(url).resolve("MindSpore/lite0")
    assert asked(server) == []


def test_a_card_that_is_listed_and_not_there_is_an_error(url: str, server: AssetServer) -> None:
    server.behave("/cards/MindSpore/lite0.md", answer_status(404))
    with pytest.raises(RegistryError, match="is in the index of the registry, but not there; the"):
        Registry(url).resolve("MindSpore/lite0")


def test_a_broken_card_is_an_error_with_its_url(url: str) -> None:
    with pytest.raises(CardError, match=rf"{url}/MindSpore/1\.9/broken\.md:1:1: no '---' line"):
        Registry(url).resolve("MindSpore/broken")


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_wants_a_token_says_where_it_goes(
    url: str, server: AssetServer, status: int
) -> None:
    server.behave("/cards/index.json", answer_status(status))
    with pytest.raises(DownloadError, match=f"answered {status}: .* set MSHUB_TOKEN, which") as it:
        Registry(url).list_models()
    assert (it.value.url, it.value.status) == (url, status)


def test_the_token_goes_to_the_registry_and_to_no_other_host(
    url: str, server: AssetServer, other: AssetServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_REGISTRY", url)
    monkeypatch.setenv("MSHUB_TOKEN", "secret")
    elsewhere = other.serve("/lite0.md", (root / "MindSpore/lite0.md").read_bytes())
    server.behave("/cards/MindSpore/lite0.md", redirect(elsewhere))
    assert Registry().resolve("MindSpore/lite0").source == f"{url}/MindSpore/lite0.md"
    assert [headers.get("Authorization") for _, headers in server.requests] == 2 * ["Bearer secret"]
    assert [headers.get("Authorization") for _, headers in other.requests] == [None]


def test_registries_are_asked_in_order_and_no_more_of_them_than_need_be(
    url: str, server: AssetServer, tmp_path: Path, write_card: WriteCard
) -> None:
    mine = write_card("mine/MindSpore/lite0.md", name="my_lite0")
    folder_first = Registry(tmp_path / "mine", url)
    assert folder_first.resolve("MindSpore/lite0").source == str(mine)
    assert asked(server) == []
    assert folder_first.resolve("Noah/lite0").source == f"{url}/Noah/lite0.md"
    assert Registry(url, tmp_path / "mine").resolve("MindSpore/lite0").source.startswith(url)
    with pytest.raises(ModelNotFoundError, match=rf"\(asked: .*mine, {url}\)"):
        folder_first.resolve("no/model")


def test_the_setting_names_urls_and_folders(
    url: str, tmp_path: Path, write_card: WriteCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_card("mine/Ada/net.md")
    monkeypatch.setenv("MSHUB_REGISTRY", f"{tmp_path / 'mine'} {url}")
    models = Registry().list_models()
    assert {"Ada/net", "Noah/lite0"} < set(models)


def test_a_cache_that_cannot_be_written_costs_the_copy_and_not_the_card(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    registry = Registry(url, cache=Cache(tmp_path / "file"))
    assert registry.resolve("MindSpore/lite0").model_name == "lite0"
    assert "the cache cannot be used" in caplog.text


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ("s3://bucket/cards", "s3:// is not read; name the bucket by its https URL instead"),
        ("obs://bucket/cards", "obs:// is not read; name the bucket by its https URL"),
        ("ftp://example.org/cards", "a registry is a folder or an https URL"),
        ("file:///cards", "a registry is a folder or an https URL"),
        ("https:///cards", "a registry is a folder or an https URL"),
        ("https://[::1/cards", "this is no URL"),
        ("https://me:secret@example.org/cards", "a login in a URL is refused; a token belongs"),
        ("https://me:secret/er@example.org/cards", "example.org/cards: this is no URL: see its"),
        ("https://example.org/cards?token=secret", "no '\\?' and no '#'; a token .* MSHUB_TOKEN"),
        ("https://example.org/cards#secret", "no '\\?' and no '#'"),
    ],
)
def test_a_url_that_cannot_be_a_registry_says_what_can(root: str, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason) as caught:
        Registry(root).list_models()
    assert "secret" not in f"{caught.value} {Registry(root)!r}"
    assert caught.value.exit_code == 2


def test_plain_http_from_elsewhere_is_refused() -> None:
    with pytest.raises(DownloadError, match="only https is safe"):
        Registry("http://example.org/cards").list_models()


def test_no_mirror_is_advised_for_a_registry(
    url: str, server: AssetServer, let_age: Callable[[float], None]
) -> None:
    refused, encoded = "http://example.org/cards", answer(b"x", content_encoding="gzip")
    with pytest.raises(DownloadError, match=r"; ask its owner for an https URL") as caught:
        Registry(refused).list_models()
    assert "MIRRORS" not in str(caught.value)
    Registry(url).list_models()
    server.behave("/cards/MindSpore/lite0.md", encoded)
    with pytest.raises(DownloadError, match=r"gzip.*; ask its owner for an https URL") as caught:
        Registry(url).resolve("MindSpore/lite0")
    assert (caught.value.url, caught.value.status) == (f"{url}/MindSpore/lite0.md", 200)
    server.stop()
    with pytest.raises(NoAnswerError, match=r"; check the network, the proxy and this URL$") as it:
        Registry(url).resolve("Noah/lite0")
    assert it.value.url == f"{url}/Noah/lite0.md"


def test_all_models_of_a_url_are_resolved_with_one_index_and_each_card_once(
    url: str, server: AssetServer, root: Path
) -> None:
    found = list(Registry(url).resolve_matching())
    assert [model_id for model_id, _ in found] == Registry(root).list_models()
    paths = asked(server)
    assert paths[0] == "/cards/index.json"
    assert len(set(paths)) == len(paths) == len(found)  # no card of the ambiguous one
    for model_id, card in found:
        if isinstance(card, HubError):
            with pytest.raises(type(card), match=re.escape(str(card))):
                Registry(url).resolve(model_id)
        else:
            assert card == Registry(url).resolve(model_id)
