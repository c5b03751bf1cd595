"""Finding out, for nothing, which of the statements about Google hold.

Only what costs nothing is done: endpoints without models, an address in a network of one's own, a
rule that is refused, requests that end before anything starts. What was made is removed again, also
after an interruption, and what was said both ways can be kept as a recording.
"""

from .questions import QUESTIONS, Finding, Question, Verdict, ask_all, plan
from .recording import Recording, replay
from .session import Session

__all__ = [
    "QUESTIONS",
    "Finding",
    "Question",
    "Recording",
    "Session",
    "Verdict",
    "ask_all",
    "plan",
    "replay",
]
