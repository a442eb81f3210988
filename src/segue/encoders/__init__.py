"""One contract: windows of samples in, one vector a recording out."""

from segue.encoders.combination import Combination
from segue.encoders.contract import Card, Encoder, Scaling, TaggingEncoder
from segue.encoders.registry import (
    DEFAULT_ENCODER,
    encoder_folders,
    encoder_names,
    know_encoder,
    load_encoder,
    members,
    published_scaling,
    resolve,
)
from segue.encoders.timbre import TIMBRE_BLOCKS, speech_likeness

__all__ = [
    "DEFAULT_ENCODER",
    "TIMBRE_BLOCKS",
    "Card",
    "Combination",
    "Encoder",
    "Scaling",
    "TaggingEncoder",
    "encoder_folders",
    "encoder_names",
    "know_encoder",
    "load_encoder",
    "members",
    "published_scaling",
    "resolve",
    "speech_likeness",
]
