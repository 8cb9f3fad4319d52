"""Anything that is an image can be read; what is hostile, broken or none is an ImageError."""

import io
import os
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import HubError, ImageError

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")
from hub.images.photographs import open_image  # noqa: E402

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


def encode(image: object, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def read(source: object, mode: str = "RGB") -> object:
    return np.asarray(open_image(source, mode))


def write_png_promise(width: int, height: int) -> bytes:
    """A PNG that promises pixels and has none."""

    def write_chunk(content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
        )

    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + write_chunk(header) + write_chunk(b"IDAT" + zlib.compress(b""))


def test_a_path_a_text_bytes_a_pil_image_and_an_array_are_the_same(tmp_path: Path) -> None:
    image = Image.fromarray(PIXELS)
    path = tmp_path / "photo.png"
    image.save(path)
    content = path.read_bytes()
    buffers = (content, bytearray(content), memoryview(content), io.BytesIO(content))
    for source in (path, str(path), *buffers, image, PIXELS, PIXELS / 255):
        np.testing.assert_array_equal(read(source), PIXELS)
    np.testing.assert_array_equal(read((PIXELS / 255).astype(np.float32)), PIXELS)


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "GIF", "WEBP", "JPEG", "PPM"])
def test_the_usual_formats_are_read_whatever_the_file_is_called(
    file_format: str, tmp_path: Path
) -> None:
    image = Image.fromarray(PIXELS)
    path = tmp_path / "photo.dat"
    path.write_bytes(encode(image, file_format))
    expected = np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))
    np.testing.assert_array_equal(read(path), expected)


def test_an_alpha_channel_is_dropped_as_the_references_drop_it() -> None:
    alpha = np.random.default_rng(1).integers(0, 256, (20, 30, 1), np.uint8)
    rgba = np.concatenate([PIXELS, alpha], axis=2)
    np.testing.assert_array_equal(read(rgba), PIXELS)
    np.testing.assert_array_equal(read(encode(Image.fromarray(rgba), "PNG")), PIXELS)


def test_a_palette_with_transparent_colours_is_read_without_a_warning() -> None:
    image = Image.fromarray(PIXELS).quantize(16)
    content = encode(image, "PNG", transparency=bytes(range(16)))
    assert Image.open(io.BytesIO(content)).info["transparency"]
    np.testing.assert_array_equal(read(content), np.asarray(image.convert("RGB")))


def test_grey_images_become_rgb_and_rgb_ones_grey() -> None:
    grey = PIXELS[:, :, 0]
    for source in (grey, grey[:, :, None], Image.fromarray(grey)):
        np.testing.assert_array_equal(read(source), np.stack([grey] * 3, axis=2))
        np.testing.assert_array_equal(read(source, "L"), grey)
    luma = np.asarray(Image.fromarray(PIXELS).convert("L"))
    np.testing.assert_array_equal(read(PIXELS, "L"), luma)


def test_sixteen_bits_are_scaled_to_eight_not_clipped() -> None:
    deep = np.uint16([[0, 257, 32_896], [65_535, 128, 129]])
    expected = [[0, 1, 128], [255, 0, 1]]
    for source in (Image.fromarray(deep), Image.fromarray(deep.astype(np.int32))):
        assert source.mode in {"I;16", "I"}
        np.testing.assert_array_equal(read(source, "L"), expected)
    content = encode(Image.fromarray(deep), "PNG")
    np.testing.assert_array_equal(read(content, "L"), expected)


def test_a_32_bit_image_that_may_count_to_255_is_refused_but_a_dark_file_is_dark() -> None:
    grey = Image.fromarray(PIXELS[:, :, 0])
    with pytest.raises(ImageError, match=r"mode I, holds .* to 255: .* write image.convert\("):
        open_image(grey.convert("I"), "RGB")
    dark = Image.fromarray(np.full((4, 4), 200, np.uint16))
    np.testing.assert_array_equal(read(encode(dark, "PNG"), "L"), np.ones((4, 4)))
    np.testing.assert_array_equal(read(Image.new("I", (4, 4)), "L"), np.zeros((4, 4)))


def test_a_float_image_counts_from_0_to_1() -> None:
    levels = np.float32([[0, 0.5], [0.25, 1]])
    np.testing.assert_array_equal(read(Image.fromarray(levels), "L"), [[0, 128], [64, 255]])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 20, 30), np.uint8), r"\(3, 20, 30\), not .*transpose\(1, 2, 0\) puts the"),
        (np.zeros((20, 30, 2), np.uint8), r"shape \(20, 30, 2\), not \(H, W\), \(H, W, 1\)"),
        (np.zeros(30, np.uint8), r"shape \(30,\), not"),
        (np.zeros((1, 20, 30, 3), np.uint8), r"shape \(1, 20, 30, 3\), not"),
        (np.zeros((0, 30, 3), np.uint8), r"no pixels: it is an array of shape \(0, 30, 3\)"),
        (np.zeros((20, 30, 3), np.uint16), "array of uint16, .*divide by 65535"),
        (np.zeros((20, 30, 3), np.int64), "array of int64, not of uint8 or of floats from 0 to 1"),
        (np.zeros((20, 30, 3), bool), "array of bool"),
        (np.zeros((20, 30, 3), complex), "array of complex128"),
        (np.zeros((20, 30), object), "array of object"),
        (PIXELS.astype(np.float32), "floats from 0 to 255, .*uint8, or divided by 255"),
        (np.full((20, 30, 3), -0.5), "floats from -0.5 to -0.5"),
        (np.full((20, 30, 3), np.nan), "floats from nan to nan"),
        (np.full((20, 30), np.inf), "floats from inf to inf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_array_that_is_no_image_is_refused(array: object, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        open_image(array, "RGB")


def test_pil_images_without_pixels_or_beyond_sixteen_bits_are_refused() -> None:
    with pytest.raises(ImageError, match="the image has no pixels: it is 0 x 5"):
        open_image(Image.new("RGB", (0, 5)), "RGB")
    with pytest.raises(ImageError, match="values from -1 to -1, and sixteen bits go from 0"):
        open_image(Image.new("I", (2, 2), -1), "RGB")
    with pytest.raises(ImageError, match=r"damaged, and cannot be read: .*LAB"):
        open_image(Image.new("LAB", (2, 2)), "CMYK")


@pytest.mark.parametrize(
    "thing", [None, 7, ["photo.jpg"], object()], ids=["none", "a number", "a list", "an object"]
)
def test_what_is_no_image_at_all_is_refused(thing: object) -> None:
    with pytest.raises(ImageError, match=f"an open file: it is of type {type(thing).__name__}"):
        open_image(thing, "RGB")


def test_a_tensor_is_refused_with_what_to_write_instead() -> None:
    class Tensor:
        shape = (3, 8, 8)

    with pytest.raises(
        ImageError, match=r"it is of type Tensor \(write tensor.asnumpy\(\), channels last"
    ):
        open_image(Tensor(), "RGB")


def test_paths_that_lead_to_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none.jpg' cannot be opened: No such file") as caught:
        open_image(tmp_path / "none.jpg", "RGB")
    assert caught.value.source == str(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match=r"cannot be opened: .*; download it first"):
        open_image("https://example.org/cat.jpg", "RGB")
    with pytest.raises(ImageError, match=r"cannot be opened: .*null"):
        open_image("a\0b", "RGB")
    with pytest.raises(ImageError, match="cannot be opened: File name too long"):
        open_image("a" * 10_000, "RGB")
    with pytest.raises(ImageError, match=r"is a folder; name the files in it, as .*\*\.jpg"):
        open_image(tmp_path, "RGB")
    with pytest.raises(ImageError, match="'' cannot be opened"):
        open_image("", "RGB")


def test_an_open_file_that_gives_no_bytes_is_refused() -> None:
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(ImageError, match=r"damaged, and cannot be read: .*closed file"):
        open_image(closed, "RGB")
    with pytest.raises(ImageError, match=r"damaged, and cannot be read: .*bytes-like"):
        open_image(io.StringIO("text"), "RGB")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImageError, match="is no file"):
        open_image(tmp_path / "pipe", "RGB")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0" * 1000,
    ],
    ids=["nothing", "text", "eps", "svg", "zeros"],
)
def test_a_file_that_is_no_photograph_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"photo.jpg is no image that can be read \(JPEG, PNG"):
        open_image(path, "RGB")


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "GIF", "WEBP"])
def test_a_truncated_file_is_refused(file_format: str) -> None:
    content = encode(Image.fromarray(np.tile(PIXELS, (8, 8, 1))), file_format)
    with pytest.raises(ImageError, match=r"is damaged|is no image"):
        open_image(content[: len(content) // 2], "RGB")


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((100_000, 100_000), "too large to be read safely: .*10000000000 pixels"),
        (
            (10_000, 9_000),
            "too large: 10,000 x 9,000 pixels are 90,000,000, and PIL.Image.MAX_IMAGE_PIXELS allows",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    size: tuple[int, int], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        open_image(write_png_promise(*size), "RGB")


def test_a_decompression_bomb_is_too_large_where_warnings_are_errors() -> None:
    with pytest.raises(ImageError, match=r"too large to be read safely: .*90000000 pixels"):
        open_image(write_png_promise(10_000, 9_000), "RGB")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pillows_own_limit_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(ImageError, match=r"600, and PIL.Image.MAX_IMAGE_PIXELS allows 500"):
        open_image(encode(Image.fromarray(PIXELS), "PNG"), "RGB")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert open_image(PIXELS, "RGB").size == (30, 20)


def test_several_threads_read_at_once_and_leave_the_filters_of_warnings_alone() -> None:
    class Waiting(Image.Image):
        def convert(self, mode: str) -> object:
            both.wait()  # breaks unless the other thread gets here, too
            during.append(list(warnings.filters))
            return Image.fromarray(PIXELS).convert(mode)

    both = threading.Barrier(2, timeout=10)
    before, during = list(warnings.filters), []
    waiting = Waiting()
    waiting._size = (30, 20)
    with ThreadPoolExecutor(2) as pool:
        assert [np.array_equal(each, PIXELS) for each in pool.map(read, [waiting] * 2)] == [
            True
        ] * 2
    assert during == [before, before]


VALID = {
    name: encode(Image.fromarray(PIXELS), name)
    for name in ("JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP")
}


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_bytes_of_any_kind_are_an_image_or_an_image_error(data: st.DataObject) -> None:
    content = bytearray(VALID[data.draw(st.sampled_from(sorted(VALID)))])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    try:
        assert open_image(bytes(content[:end]), "RGB").mode == "RGB"
    except HubError as error:
        assert isinstance(error, ImageError)
        assert "the image is" in str(error)
