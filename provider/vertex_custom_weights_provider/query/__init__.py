"""Asking a deployed model: which host serves it, in what form, and how others would ask it."""

from .address import Address, choose, locate
from .answers import ask
from .question import Question, body_of, chat, predict, raw_predict, stream_raw_predict
from .show import curl, openai_program

__all__ = [
    "Address",
    "Question",
    "ask",
    "body_of",
    "chat",
    "choose",
    "curl",
    "locate",
    "openai_program",
    "predict",
    "raw_predict",
    "stream_raw_predict",
]
