"""Pictures of one size with labels, from MedMNIST .npz files or from single files; and which of them are nearly the same."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError

SIDE = 28
Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Images:
    """Grey pictures (n, 28, 28) and their labels (n,)."""

    pixels: Pixels
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, index: NDArray[np.intp]) -> Images:
        """Those pictures."""
        return Images(self.pixels[index], self.labels[index])

    def joined(self, other: Images) -> Images:
        """Both sets, one after the other."""
        return Images(np.concatenate([self.pixels, other.pixels]), np.concatenate([self.labels, other.labels]))


def load_npz(path: Path, split: str = "train") -> Images:
    """The pictures of a split (train, val or test) of a MedMNIST file; colour is turned into grey.

    Raises:
        InputError: no such file or split, or arrays of another form.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            pixels, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} cannot be read as .npz ({error})") from error
    except KeyError as error:
        raise InputError(f"{path.name} has no split '{split}'; a MedMNIST file has {split}_images and {split}_labels") from error
    if pixels.ndim == 4 and pixels.shape[-1] == 3:
        pixels = np.round(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    labels = np.asarray(labels).reshape(len(labels), -1)
    if pixels.shape[1:] != (SIDE, SIDE) or pixels.dtype != np.uint8 or labels.shape != (len(pixels), 1):
        raise InputError(f"{path.name}: {split}_images is {pixels.dtype} {pixels.shape} with labels {labels.shape}; "
                         f"wanted: uint8 (n, {SIDE}, {SIDE}) with one label each")  # fmt: skip
    return Images(pixels, labels[:, 0].astype(np.int64))


def load_picture(path: Path) -> Pixels:
    """A picture file as (28, 28) grey pixels: cut to its middle square, then made smaller.

    Raises:
        InputError: the file is no picture, or smaller than 28 pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            grey = picture.convert("L")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} is not a picture that can be read") from error
    side = min(grey.size)
    if side < SIDE:
        raise InputError(f"{path.name} is {grey.width} x {grey.height} pixels; at least {SIDE} x {SIDE} are needed")
    left, top = (grey.width - side) // 2, (grey.height - side) // 2
    small = grey.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(small, dtype=np.uint8)


def near_duplicates(pixels: Pixels, *, alike: float = 0.95) -> NDArray[np.intp]:
    """A group number for each picture: pictures whose pixels correlate above `alike`, or are linked by such pictures, share one.

    Frames of one patient lie in many public sets; in different folds they would make a test too easy.
    """
    flat = pixels.reshape(len(pixels), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
    group = np.arange(len(pixels))
    for one, other in np.argwhere(np.triu(flat @ flat.T > alike, 1)):
        group[group == group[other]] = group[one]
    return group
