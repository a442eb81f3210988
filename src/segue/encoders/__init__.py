"""One contract: windows of samples in, one vector a recording out."""

from segue.encoders.combination import Combination
from segue.encoders.contract import Card, Encoder, Scaling, TaggingEncoder
from segue.encoders.registry import (
    DEFAULT_ENCODER,
    encoder_folders,
    encoder_names,
    internal_encoders,
    know_encoder,
    load_encoder,
    members,
    published_scaling,
    resolve,
)
from segue.encoders.timbre import TIMBRE_BLOCKS, speech_likeness
from segue.encoders.traits import TRAITS, traits
from segue.encoders.transition import TRANSITION_VALUES

__all__ = [
    "DEFAULT_ENCODER",
    "TIMBRE_BLOCKS",
    "TRAITS",
    "TRANSITION_VALUES",
    "Card",
    "Combination",
    "Encoder",
    "Scaling",
    "TaggingEncoder",
    "encoder_folders",
    "encoder_names",
    "internal_encoders",
    "know_encoder",
    "load_encoder",
    "members",
    "published_scaling",
    "resolve",
    "speech_likeness",
    "traits",
]
