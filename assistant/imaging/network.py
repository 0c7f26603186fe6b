"""A small convolutional network, or a few of them averaged: fit, predict, Grad-CAM, save and load as safetensors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from assistant.errors import InputError
from assistant.imaging.images import SIDE, Images, Pixels

RESEARCH_USE = "Research use only: a network trained on a public teaching set of 28 x 28 pictures, not a medical device, not for diagnosis."
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained. Equal recipes, pictures and seeds give equal networks on one machine."""

    classes: int
    width: int = 16
    epochs: int = 40
    batch: int = 32
    rate: float = 3e-3
    decay: float = 5e-3
    dropout: float = 0.3
    mixing: float = 0.4
    members: int = 3


@dataclass(frozen=True, slots=True)
class ImageResult:
    """Probabilities of the labels for one picture, the 90 % prediction set where a limit is known, and the label of use."""

    probabilities: tuple[float, ...]
    label: int
    prediction_set: tuple[int, ...]
    use: str = RESEARCH_USE


class Net(nn.Module):
    """Three blocks of two convolutions with a shortcut, then the mean over the picture and one linear layer."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        sizes = [1, recipe.width, 2 * recipe.width, 4 * recipe.width]
        self.blocks = nn.ModuleList(Block(a, b) for a, b in pairwise(sizes))
        self.drop = nn.Dropout(recipe.dropout)
        self.last = nn.Linear(sizes[-1], recipe.classes)

    def maps(self, x: Tensor) -> Tensor:
        """Feature maps (n, channels, 7, 7)."""
        for number, block in enumerate(self.blocks):
            x = block(functional.max_pool2d(x, 2) if number else x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, classes)."""
        logits: Tensor = self.last(self.drop(self.maps(x).mean(dim=(2, 3))))
        return logits


class Block(nn.Module):
    """Two 3x3 convolutions with batch normalisation and a 1x1 shortcut."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(before, after, 3, padding=1, bias=False), nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm_one, self.norm_two = nn.BatchNorm2d(after), nn.BatchNorm2d(after)
        self.short = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps of the same size."""
        inner = functional.relu(self.norm_one(self.one(x)))
        return functional.relu(self.norm_two(self.two(inner)) + self.short(x))


class ImageClassifier:
    """Networks trained alike from different seeds, averaged; the picture and its mirror image are both seen."""

    def __init__(self, recipe: Recipe, nets: list[Net], *, limit: float = 1.0) -> None:
        self.recipe, self.nets, self.limit = recipe, [net.eval() for net in nets], limit

    @classmethod
    def train(cls, images: Images, *, recipe: Recipe | None = None, seed: int = 0) -> ImageClassifier:
        """Train on labelled pictures.

        Raises:
            InputError: fewer than two labels, or labels that do not count up from 0.
        """
        kinds = np.unique(images.labels)
        if len(kinds) < 2 or kinds.tolist() != list(range(len(kinds))):
            raise InputError(f"the labels are {kinds.tolist()}; wanted: two or more, counted 0, 1, 2 ...")
        chosen = recipe or Recipe(len(kinds))
        return cls(chosen, [_fit(images, chosen, 1000 * seed + member) for member in range(chosen.members)])

    def logits(self, pixels: Pixels) -> Array:
        """Logarithms of the averaged probabilities, (n, classes)."""
        x = prepared(pixels)
        with torch.no_grad():
            both = [net(view) for net in self.nets for view in (x, x.flip(3))]
            mean = torch.stack([functional.softmax(logits, dim=1) for logits in both]).mean(dim=0)
        return np.asarray(mean.clamp_min(1e-9).log().numpy(), dtype=np.float64)

    def predict(self, pixels: Pixels) -> ImageResult:
        """Probabilities for one picture (28, 28)."""
        probabilities = np.exp(self.logits(pixels[None])[0])
        inside = tuple(int(k) for k in np.flatnonzero(1 - probabilities <= self.limit))
        return ImageResult(tuple(float(p) for p in probabilities), int(probabilities.argmax()), inside)

    def grad_cam(self, pixels: Pixels, label: int) -> Array:
        """Where the networks found that label: (28, 28) in [0, 1] (Selvaraju 2017, doi:10.1109/ICCV.2017.74)."""
        x, heat = prepared(pixels[None]), torch.zeros(1, 1, SIDE, SIDE)
        for net in self.nets:
            maps = net.maps(x)
            maps.retain_grad()
            net.zero_grad()
            net.last(maps.mean(dim=(2, 3)))[0, label].backward()
            if maps.grad is None:
                raise InputError("the network gave no gradient")
            weighted = functional.relu((maps * maps.grad.mean(dim=(2, 3), keepdim=True)).sum(dim=1, keepdim=True)).detach()
            heat += functional.interpolate(weighted / weighted.max().clamp_min(1e-9), (SIDE, SIDE), mode="bilinear", align_corners=False)
        return np.asarray((heat[0, 0] / len(self.nets)).numpy(), dtype=np.float64)

    def save(self, path: Path) -> Path:
        """One safetensors file with the recipe and the conformal limit in its header."""
        from safetensors.torch import save_file

        tensors = {f"{number}.{key}": value.contiguous() for number, net in enumerate(self.nets) for key, value in net.state_dict().items()}
        save_file(tensors, path, metadata={"recipe": json.dumps(asdict(self.recipe)), "limit": f"{self.limit:.6g}", "use": RESEARCH_USE})
        return path

    @classmethod
    def load(cls, path: Path) -> ImageClassifier:
        """A saved classifier.

        Raises:
            InputError: the file is not one that `save` wrote.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt") as file:
                header = file.metadata() or {}
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
            recipe = Recipe(**json.loads(header["recipe"]))
            nets = [Net(recipe) for _ in range(recipe.members)]
            for number, net in enumerate(nets):
                net.load_state_dict({key.partition(".")[2]: value for key, value in tensors.items() if key.startswith(f"{number}.")})
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"{path} is not a saved image classifier ({type(error).__name__})") from error
        return cls(recipe, nets, limit=float(header["limit"]))


def prepared(pixels: Pixels) -> Tensor:
    """Pixels (n, 28, 28) as a tensor (n, 1, 28, 28), each picture with mean 0 and deviation 1.

    Raises:
        InputError: another size or type.
    """
    if pixels.ndim != 3 or pixels.shape[1:] != (SIDE, SIDE) or pixels.dtype != np.uint8:
        raise InputError(f"the picture is {pixels.dtype} {pixels.shape[1:]}; wanted: uint8 ({SIDE}, {SIDE})")
    x = torch.tensor(pixels, dtype=torch.float32)[:, None] / 255
    return (x - x.mean(dim=(2, 3), keepdim=True)) / x.std(dim=(2, 3), keepdim=True).clamp_min(1e-3)


def _fit(images: Images, recipe: Recipe, seed: int) -> Net:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Net(recipe)
        x, y = prepared(images.pixels), torch.tensor(images.labels)
        rule = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        steps = recipe.epochs * -(-len(y) // recipe.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(rule, recipe.rate, total_steps=steps)
        loss = nn.CrossEntropyLoss()
        net.train()
        for _ in range(recipe.epochs):
            order = torch.randperm(len(y))
            for start in range(0, len(y), recipe.batch):
                index = order[start : start + recipe.batch]
                rule.zero_grad()
                # a batch of one has no deviation to normalise by
                if len(index) > 1:
                    share, partner = _share(recipe.mixing), torch.randperm(len(index))
                    moved = _moved(x[index])
                    seen = net(share * moved + (1 - share) * moved[partner])
                    (share * loss(seen, y[index]) + (1 - share) * loss(seen, y[index][partner])).backward()
                    rule.step()
                schedule.step()
    return net.eval()


def _share(mixing: float) -> float:
    """How much of the first picture a mixed pair keeps (mixup, Zhang 2018); all of it without mixing."""
    return float(torch.distributions.Beta(mixing, mixing).sample()) if mixing > 0 else 1.0


def _moved(x: Tensor) -> Tensor:
    """Each picture mirrored at random, turned up to 15 degrees, moved up to 3 pixels, scaled by up to 15 %, and its contrast changed."""
    n = len(x)
    angle = (torch.rand(n) * 2 - 1) * 0.26
    size = 1 + (torch.rand(n) * 2 - 1) * 0.15
    side = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    shift = (torch.rand(n, 2) * 2 - 1) * (2 * 3 / SIDE)
    cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
    theta = torch.stack([torch.stack([cos * side, -sin, shift[:, 0]], 1), torch.stack([sin * side, cos, shift[:, 1]], 1)], 1)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    turned = functional.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    return turned * (1 + (torch.rand(n, 1, 1, 1) * 2 - 1) * 0.2) + torch.randn(n, 1, 1, 1) * 0.1
