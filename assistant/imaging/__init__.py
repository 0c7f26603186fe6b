"""Small image classifiers for 28x28 pictures (MedMNIST): train, judge, predict, show where the network looked. Research use only."""

from __future__ import annotations

from assistant.imaging.images import Images, load_npz, load_picture, near_duplicates
from assistant.imaging.judge import Judged, cross_validate, judge
from assistant.imaging.network import RESEARCH_USE, ImageClassifier, ImageResult

__all__ = [
    "RESEARCH_USE",
    "ImageClassifier",
    "ImageResult",
    "Images",
    "Judged",
    "cross_validate",
    "judge",
    "load_npz",
    "load_picture",
    "near_duplicates",
]
