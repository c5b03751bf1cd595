"""Finding out which of the statements about Google hold, for nothing or by one deployment.

Unless a deployment is asked for, only what costs nothing is done: endpoints without models, an
address in a network of one's own, a rule that is refused, requests that end before anything starts.
What was made is removed again, also after an interruption, and what was said both ways can be kept
as a recording.
"""

from .deployment import QUESTIONS_OF_A_DEPLOYMENT, ask_of_a_deployment
from .questions import QUESTIONS, Finding, Question, Verdict, ask_all, plan
from .recording import Recording, replay
from .session import Session

__all__ = [
    "QUESTIONS",
    "QUESTIONS_OF_A_DEPLOYMENT",
    "Finding",
    "Question",
    "Recording",
    "Session",
    "Verdict",
    "ask_all",
    "ask_of_a_deployment",
    "plan",
    "replay",
]
