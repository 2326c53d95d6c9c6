from mimamo.audit.symptoms import Symptom
from mimamo.errors import InputError


def test_a_sentence_is_taken_apart_at_its_last_semicolon():
    error = InputError("a.txt, line 3: expected 'x', found 'y; z'; correct the line.")
    symptom = Symptom.from_error("bad lines", "fault", error, "left out")
    assert (symptom.wrong, symptom.remedy) == (
        "a.txt, line 3: expected 'x', found 'y; z'",
        "correct the line",
    )
    assert symptom.sentence == "a.txt, line 3: expected 'x', found 'y; z'; left out; correct the line."
    assert symptom.complaint == str(error)
