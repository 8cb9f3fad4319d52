"""From an id to the one card that it means, over both layouts."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.cards.record import Card
from hub.errors import (
    AmbiguousModelError,
    CardError,
    DownloadError,
    HubError,
    ModelIdError,
    ModelNotFoundError,
    NoAnswerError,
    OfflineError,
    RegistryError,
)
from hub.registry.registry import Registry
from tests.conftest import AssetServer, answer, answer_status, redirect

WriteCard = Callable[..., Path]


@pytest.mark.parametrize(
    ("model_id", "path"),
    [
        ("MindSpore/lite0", "MindSpore/lite0.md"),
        ("mindspore/LITE0", "MindSpore/lite0.md"),
        ("MindSpore/lite0@2.5", "MindSpore/lite0.md"),
        ("MindSpore/b0_imagenet", "MindSpore/2.10/b0_imagenet.md"),
        ("MindSpore/b0_imagenet@1.9", "MindSpore/1.9/b0_imagenet.md"),
        ("mindspore/2.5/b0_imagenet", "MindSpore/2.5/b0_imagenet.md"),
        ("MindSpore/efficientnet_b0", "MindSpore/2.10/b0_imagenet.md"),
        ("MindSpore/EfficientNet_B0@2.5", "MindSpore/2.5/b0_imagenet.md"),
        ("noah/gpu/1.8/fastmim", "Noah/gpu/1.8/fastmim.md"),
        ("Noah/ascend/fastmim@1.8", "Noah/ascend/1.8/fastmim.md"),
        ("Noah/noah_lite0", "Noah/lite0.md"),
    ],
)
def test_every_form_of_id_finds_its_card(root: Path, model_id: str, path: str) -> None:
    assert Registry(root).resolve(model_id).source == str(root / path)


def test_the_id_on_the_card_is_exact_and_finds_it_again(root: Path) -> None:
    registry = Registry(root)
    for model_id in ("mindspore/lite0", "MindSpore/efficientnet_b0", "noah/gpu/1.8/fastmim"):
        card = registry.resolve(model_id)
        assert registry.resolve(str(card.id)).source == card.source
    assert str(registry.resolve("mindspore/lite0").id) == "MindSpore/lite0@2.5"


def test_a_card_is_found_by_its_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    registry = Registry()
    assert registry.resolve("MindSpore/lite0.md").model_name == "lite0"
    assert registry.resolve(Path("MindSpore/lite0.md")).model_name == "lite0"


def test_a_path_that_is_no_file_says_what_an_id_looks_like(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"there is no card file .*none\.md; an id has"):
        Registry().resolve(tmp_path / "none.md")


@pytest.mark.parametrize(
    ("model_id", "candidates"),
    [
        ("MindSpore/efficientnet_b0@1.9", ["MindSpore/b0_cifar@1.9", "MindSpore/b0_imagenet@1.9"]),
        ("Noah/fastmim", ["Noah/ascend/fastmim@1.8", "Noah/gpu/fastmim@1.8"]),
    ],
)
def test_an_ambiguous_id_lists_ids_that_are_exact(
    root: Path, model_id: str, candidates: list[str]
) -> None:
    registry = Registry(root)
    with pytest.raises(AmbiguousModelError, match="means 2 cards; choose one: ") as caught:
        registry.resolve(model_id)
    assert list(caught.value.candidates) == candidates
    for candidate in candidates:
        assert str(registry.resolve(candidate).id) == candidate


def test_an_id_to_the_letter_is_never_ambiguous(tmp_path: Path, write_card: WriteCard) -> None:
    places = ("o/1.8/x.md", "o/gpu/1.8/x.md", "Own/y.md", "own/y.md")
    paths = [write_card(f"cards/{place}", version="1.8") for place in places]
    registry = Registry(tmp_path / "cards")
    for model_id, path in zip(("o/x@1.8", "o/gpu/x@1.8", "Own/y", "own/y"), paths, strict=True):
        assert registry.resolve(model_id).source == str(path)
    assert registry.resolve("O/1.8/X").source == str(paths[0])
    assert registry.list_models() == ["o/x", "Own/y", "own/y"]


def test_cards_that_share_an_exact_id_are_told_apart_by_their_paths(
    tmp_path: Path, write_card: WriteCard
) -> None:
    paths = [write_card("cards/o/2.5/x.md"), write_card("cards/o/x.md")]
    with pytest.raises(AmbiguousModelError, match="means 2 cards") as caught:
        Registry(tmp_path / "cards").resolve("o/x")
    assert list(caught.value.candidates) == [str(path) for path in paths]


def test_an_official_uid_finds_our_card_of_that_model_and_data_set() -> None:
    card = Registry("shipped").resolve("mindspore/2.5/efficientnet_b0_imagenet2012")
    assert card.model_name == "efficientnet_b0"


def test_the_version_is_the_cards_also_behind_a_comment_and_above_a_body_that_lies(
    tmp_path: Path, write_card: WriteCard
) -> None:
    write_card(
        "cards/o/x.md",
        replace={
            "mindspore-version: 2.5": "mindspore-version: 2.5  # tested",
            "# Body": "mindspore-version: 9.9",
        },
    )
    assert str(Registry(tmp_path / "cards").resolve("o/x@2.5").id) == "o/x@2.5"


def test_a_name_without_its_owner_gets_the_whole_id() -> None:
    with pytest.raises(ModelIdError, match="lacks its owner: write MindSpore/efficientnet_b0"):
        Registry("shipped").resolve("efficientnet_b0")


def test_files_that_no_id_can_name_are_not_listed(tmp_path: Path, write_card: WriteCard) -> None:
    for name in ("my model", "_under", "name@2", "模型", ".hidden", "good"):
        write_card(f"cards/o/{name}.md")
    assert Registry(tmp_path / "cards").list_models() == ["o/good"]


def test_a_link_in_a_circle_costs_no_other_card(tmp_path: Path, write_card: WriteCard) -> None:
    write_card("cards/o/x.md")
    for link in ("cards/o/self.md", "cards/o/loop", "cards/loop"):
        (tmp_path / link).symlink_to(tmp_path / link)
    assert Registry(tmp_path / "cards").list_models() == ["o/x"]


@pytest.mark.parametrize("root", ["a\0b", "~nobody_here/cards", "a" * 5000])
def test_a_registry_that_cannot_exist_is_a_registry_error(root: str) -> None:
    with pytest.raises(RegistryError, match="cannot be read"):
        Registry(root).list_models()


@pytest.mark.parametrize("path", ["~nobody_here/x.md", "a" * 300 + ".md"])
def test_a_card_file_that_cannot_exist_is_not_found(path: str) -> None:
    with pytest.raises(ModelNotFoundError, match="there is no card file"):
        Registry().resolve(path)


def test_a_path_needs_no_registry(write_card: WriteCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_REGISTRY", "https://example.org/cards")
    assert Registry().resolve(write_card()).model_name == "efficientnet_b0"


def test_an_unknown_id_gets_the_nearest_names(root: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"did you mean MindSpore/lite0") as caught:
        Registry(root).resolve("mindspore/lite_0")
    assert caught.value.suggestions[0] == "MindSpore/lite0"
    assert str(root) in str(caught.value)


def test_another_owners_model_of_that_name_is_suggested(root: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="did you mean Noah/fastmim"):
        Registry(root).resolve("somebody/fastmim")


def test_an_unknown_version_lists_the_known_ones_in_order(root: Path) -> None:
    known = "MindSpore/b0_imagenet@1.9, MindSpore/b0_imagenet@2.5, MindSpore/b0_imagenet@2.10"
    with pytest.raises(ModelNotFoundError, match=f"there is no such version; there is {known}"):
        Registry(root).resolve("MindSpore/b0_imagenet@2.7")


def test_a_broken_card_is_an_error_with_its_place_and_spoils_no_other(root: Path) -> None:
    registry = Registry(root)
    with pytest.raises(CardError, match=r"broken\.md:1:1: no '---' line found"):
        registry.resolve("MindSpore/broken")
    assert registry.resolve("MindSpore/lite0")


def test_models_are_listed_once_without_twins_and_notes(root: Path) -> None:
    assert Registry(root).list_models() == [
        "MindSpore/b0_cifar",
        "MindSpore/b0_imagenet",
        "MindSpore/broken",
        "MindSpore/lite0",
        "Noah/fastmim",
        "Noah/lite0",
    ]


@pytest.mark.parametrize(
    ("pattern", "models"),
    [
        ("LITE*", ["MindSpore/lite0", "Noah/lite0"]),
        ("noah/*", ["Noah/fastmim", "Noah/lite0"]),
        ("*b0_c?far", ["MindSpore/b0_cifar"]),
        ("nothing*", []),
    ],
)
def test_a_pattern_matches_the_id_or_the_name(root: Path, pattern: str, models: list[str]) -> None:
    assert Registry(root).list_models(pattern) == models


def test_the_first_registry_that_knows_an_id_answers(
    root: Path, tmp_path: Path, write_card: WriteCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write_card("mine/MindSpore/lite0.md", name="my_lite0")
    monkeypatch.setenv(
        "MSHUB_REGISTRY", f"{tmp_path / 'mine'}{os.pathsep}{root}{os.pathsep}shipped"
    )
    registry = Registry()
    assert registry.resolve("MindSpore/lite0").source == str(mine)
    assert registry.resolve("Noah/lite0").source == str(root / "Noah/lite0.md")
    assert registry.resolve("MindSpore/efficientnet_b1").model_name == "efficientnet_b1"
    assert registry.resolve("MindSpore/b0_imagenet@1.9").mindspore_version == (1, 9)


def test_a_version_that_the_first_registry_lacks_is_found_in_the_next(
    root: Path, tmp_path: Path, write_card: WriteCard
) -> None:
    write_card("mine/MindSpore/lite0.md", name="lite0", version="1.9")
    registry = Registry(tmp_path / "mine", root)
    assert registry.resolve("MindSpore/lite0").mindspore_version == (1, 9)
    assert registry.resolve("MindSpore/lite0@2.5").source == str(root / "MindSpore/lite0.md")


def test_without_a_setting_the_shipped_cards_answer() -> None:
    assert Registry().list_models() == ["MindSpore/efficientnet_b0", "MindSpore/efficientnet_b1"]
    assert Registry().resolve("mindspore/2.5/efficientnet_b0").fine_tunable


def test_a_registry_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"the registry .*none cannot be read: No such file"):
        Registry(tmp_path / "none").list_models()


def test_a_registry_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="cannot be read: Not a directory"):
        Registry(tmp_path / "file").resolve("a/b")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_registry_that_may_not_be_read_is_named(root: Path) -> None:
    """In a child without root's rights, since permissions do not bind root."""
    root.chmod(0o000)
    code = f"""
import os
from pathlib import Path
from hub.registry.layouts import scan_folder
if os.getuid() == 0:
    os.setuid(65534)
try:
    scan_folder(Path({str(root)!r}))
except OSError as error:
    print(type(error).__name__, error)
"""
    root.parent.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    finally:
        root.chmod(0o755)
    assert done.stdout.startswith("RegistryError the registry"), done.stderr
    assert "Permission denied" in done.stdout


def test_a_secret_in_a_cards_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError) as caught:
        Registry().resolve("https://example.org/lite0.md?token=secret")
    assert "https://example.org/lite0.md was never read" in str(caught.value)
    assert "secret" not in str(caught.value) + caught.value.url


def test_a_card_at_a_url_is_read_and_kept_for_the_time_without_a_network(
    server: AssetServer,
    write_card: WriteCard,
    cache_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = server.serve("/cards/lite0.md", write_card(name="lite0").read_bytes())
    registry = Registry(cache=Cache(cache_folder))
    card = registry.resolve(url)
    assert (card.source, card.model_name, str(card.id)) == (url, "lite0", "MindSpore/lite0@2.5")
    server.stop()
    assert registry.resolve(url) == card
    assert f"no answer from {url}: Connection refused" in caplog.text
    assert "the card is taken as it was last read" in caplog.text
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert registry.resolve(url) == card


def test_an_answer_that_is_no_card_does_not_replace_the_one_that_was_kept(
    server: AssetServer, write_card: WriteCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.serve("/lite0.md", write_card(name="lite0").read_bytes())
    card = Registry().resolve(url)
    server.serve("/lite0.md", b"<html>please log in</html>")
    with pytest.raises(CardError, match="no '---' line found"):
        Registry().resolve(url)
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert Registry().resolve(url) == card


def test_a_redirect_to_an_unsafe_place_is_not_taken_for_a_missing_network(
    server: AssetServer, write_card: WriteCard
) -> None:
    url = server.serve("/lite0.md", write_card(name="lite0").read_bytes())
    Registry().resolve(url)
    server.behave("/lite0.md", redirect("http://example.org/lite0.md"))
    with pytest.raises(DownloadError, match="only https is safe"):
        Registry().resolve(url)


def test_a_card_that_is_gone_is_an_error_even_if_it_was_read_before(
    server: AssetServer, write_card: WriteCard
) -> None:
    url = server.serve("/lite0.md", write_card(name="lite0").read_bytes())
    Registry().resolve(url)
    server.behave("/lite0.md", answer_status(404))
    with pytest.raises(DownloadError, match="answered 404 Not Found"):
        Registry().resolve(url)


def test_a_card_at_a_url_offline_and_never_read_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match="was never read, and MSHUB_OFFLINE is set"):
        Registry().resolve("https://example.org/lite0.md")


def test_a_card_at_a_url_may_not_be_larger_than_any_card(server: AssetServer) -> None:
    url = server.behave("/lite0.md", answer(b"x" * 2_000_000))
    with pytest.raises(DownloadError, match="holds more than 1,048,576 bytes"):
        Registry().resolve(url)


@pytest.mark.parametrize("host", ["\udcff", "x" * 300, "exa mple.org", "[::1", "example.org:99999"])
def test_a_host_that_cannot_be_is_a_download_error(host: str) -> None:
    with pytest.raises(DownloadError):
        Registry().resolve(f"https://{host}/lite0.md")


def test_a_card_over_plain_http_from_elsewhere_is_refused() -> None:
    with pytest.raises(DownloadError, match="is refused: only https is safe"):
        Registry().resolve("http://example.org/lite0.md")


def test_no_mirror_is_advised_for_a_card(server: AssetServer) -> None:
    with pytest.raises(DownloadError, match="; ask its owner for an https URL") as caught:
        Registry().resolve("http://example.org/lite0.md")
    assert "MIRRORS" not in str(caught.value)
    server.stop()
    with pytest.raises(NoAnswerError, match=r"; check the network, the proxy and this URL$"):
        Registry().resolve(f"{server.origin}/lite0.md")


def resolve(registry: Registry, model_id: str) -> object:
    """A card, or the error with its facts."""
    try:
        return registry.resolve(model_id)
    except HubError as error:
        return tell(error)


def tell(found: object) -> object:
    if isinstance(found, HubError):
        return type(found), str(found), vars(found)
    return found


@pytest.mark.parametrize("pattern", ["*", "LITE*", "noah/*", "*b0_c?far", "nothing*"])
def test_all_that_match_are_resolved_as_one_by_one(
    root: Path, tmp_path: Path, write_card: WriteCard, pattern: str
) -> None:
    write_card("cards/Ada/net.md.md")  # whose id reads as a path
    write_card("cards/Ada/2.5/twin.md")
    write_card("cards/Ada/twin.md")  # two cards of one exact id
    write_card("second/MindSpore/LITE0.md", name="other")  # the same id but for its case
    write_card("second/MindSpore/efficientnet_b0.md")  # a file that the first one's cards hide
    write_card("second/MindSpore/mine.md")
    for registry in (Registry(root, tmp_path / "second"), Registry(tmp_path / "second", root)):
        found = list(registry.resolve_matching(pattern))
        assert [model_id for model_id, _ in found] == registry.list_models(pattern)
        for model_id, card in found:
            assert tell(card) == resolve(registry, model_id), model_id


def test_each_kind_of_failure_is_among_what_matches(root: Path, write_card: WriteCard) -> None:
    write_card("cards/Ada/net.md.md")
    found = dict(Registry(root).resolve_matching())
    assert isinstance(found["Ada/net.md"], ModelNotFoundError)
    assert isinstance(found["MindSpore/broken"], CardError)
    assert isinstance(found["Noah/fastmim"], AmbiguousModelError)
    card = found["MindSpore/b0_imagenet"]
    assert isinstance(card, Card)
    assert card.source == str(root / "MindSpore/2.10/b0_imagenet.md")


def test_a_registry_that_cannot_be_listed_is_an_error_before_the_first_match(
    root: Path, tmp_path: Path
) -> None:
    with pytest.raises(RegistryError, match="none cannot be read"):
        next(Registry(root, tmp_path / "none").resolve_matching())


def test_a_folder_is_walked_once_for_all_that_match(root: Path) -> None:
    code = (
        "import sys\n"
        "from hub.registry.registry import Registry\n"
        "def hook(event, args):\n"
        "    if event == 'os.scandir': print(args[0])\n"
        "sys.addaudithook(hook)\n"
        f"print(len(list(Registry({str(root)!r}).resolve_matching())), 'models')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *walked, last = done.stdout.splitlines()
    assert walked.count(f"{root}/MindSpore/1.9") == 1
    assert last == "6 models"
