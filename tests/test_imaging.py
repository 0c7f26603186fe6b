"""Image classifiers on tiny made-up pictures: bright discs to the left or to the right."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.imaging import RESEARCH_USE, ImageClassifier, Images, cross_validate, judge, load_npz, load_picture, near_duplicates
from assistant.imaging.network import Recipe

pytestmark = pytest.mark.training

TINY = Recipe(2, width=4, epochs=20, batch=8, members=1, mixing=0.2)


def discs(n=48, seed=0):
    """Label 1 has a small bright disc, label 0 a large one; mirroring and moving keep the label."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    grid = np.stack(np.meshgrid(np.arange(28), np.arange(28), indexing="ij"))
    pixels = rng.integers(0, 60, (n, 28, 28))
    for picture, label in zip(pixels, labels, strict=True):
        centre = rng.integers(9, 19, 2)
        picture[((grid - centre[:, None, None]) ** 2).sum(0) < (9 if label else 64)] += 150
    return Images(pixels.astype(np.uint8), labels.astype(np.int64))


@pytest.fixture(scope="module")
def trained():
    return ImageClassifier.train(discs(), recipe=TINY, seed=1)


def test_it_learns_and_says_what_it_is_for(trained):
    test = discs(seed=7)
    assert (trained.logits(test.pixels).argmax(1) == test.labels).mean() > 0.9
    result = trained.predict(test.pixels[0])
    assert sum(result.probabilities) == pytest.approx(1.0, abs=1e-5)
    assert result.use == RESEARCH_USE
    assert set(result.prediction_set) <= {0, 1}


def test_the_seed_decides_everything(trained):
    again = ImageClassifier.train(discs(), recipe=TINY, seed=1)
    assert (again.logits(discs(seed=3).pixels) == trained.logits(discs(seed=3).pixels)).all()


def test_grad_cam_is_a_map_of_the_picture(trained):
    heat = trained.grad_cam(discs(seed=7).pixels[1], 1)
    assert heat.shape == (28, 28)
    assert heat.min() >= 0
    assert 0 < heat.max() <= 1 + 1e-6


def test_saved_and_loaded_it_says_the_same(trained, tmp_path):
    loaded = ImageClassifier.load(trained.save(tmp_path / "net.safetensors"))
    assert (loaded.logits(discs(seed=3).pixels) == trained.logits(discs(seed=3).pixels)).all()
    (tmp_path / "bad.safetensors").write_bytes(b"no tensors")
    with pytest.raises(InputError, match="not a saved image classifier"):
        ImageClassifier.load(tmp_path / "bad.safetensors")


def test_near_duplicates_share_a_group_and_a_fold():
    images = discs(20)
    copies = np.clip(images.pixels[:3].astype(int) + 2, 0, 255).astype(np.uint8)
    group = near_duplicates(np.concatenate([images.pixels, copies]))
    assert group[:3].tolist() == group[20:].tolist()
    assert len(set(group[:20])) == 20


def test_figures_over_seeds():
    judged = judge(discs(), discs(seed=5), seeds=(0, 1), recipe=TINY)
    assert judged.n == 48
    assert len(judged.auroc_by_seed) == 2
    assert judged.figures["auroc"].low <= judged.figures["auroc"].value <= judged.figures["auroc"].high
    crossed = cross_validate(discs(), folds=2, seeds=(0,), recipe=TINY)
    assert crossed.figures["auroc"].value > 0.8
    assert crossed.use == RESEARCH_USE


def test_medmnist_files(tmp_path):
    images = discs(8)
    np.savez(tmp_path / "a.npz", train_images=images.pixels, train_labels=images.labels[:, None])
    assert (load_npz(tmp_path / "a.npz").labels == images.labels).all()
    np.savez(tmp_path / "colour.npz", val_images=np.repeat(images.pixels[..., None], 3, 3), val_labels=images.labels[:, None])
    assert (load_npz(tmp_path / "colour.npz", "val").pixels == images.pixels).all()
    np.savez(tmp_path / "big.npz", train_images=np.zeros((2, 64, 64), np.uint8), train_labels=np.zeros((2, 1)))
    (tmp_path / "text.npz").write_text("no")
    for name, split, message in [
        ("a.npz", "test", "no split 'test'"), ("big.npz", "train", r"wanted: uint8 \(n, 28, 28\)"), ("text.npz", "train", "cannot be read"),
        ("none.npz", "train", "cannot be read"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=message):
            load_npz(tmp_path / name, split)


def test_picture_files(tmp_path, trained):
    from PIL import Image

    Image.fromarray(np.full((60, 90), 80, np.uint8)).save(tmp_path / "a.png")
    assert load_picture(tmp_path / "a.png").shape == (28, 28)
    Image.fromarray(np.zeros((20, 90), np.uint8)).save(tmp_path / "small.png")
    (tmp_path / "text.png").write_text("no")
    for name, message in [("small.png", "at least 28"), ("text.png", "not a picture")]:
        with pytest.raises(InputError, match=message):
            load_picture(tmp_path / name)
    with pytest.raises(InputError, match="wanted: uint8"):
        trained.predict(np.zeros((64, 64), np.uint8))


def test_labels_must_count_up_from_zero():
    images = discs(8)
    with pytest.raises(InputError, match="counted 0, 1, 2"):
        ImageClassifier.train(Images(images.pixels, images.labels + 1), recipe=TINY)
