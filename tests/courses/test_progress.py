"""Nobody is ever stuck, and 100 % means everything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from courses.content import Course, ExamRef, Lesson, Module
from courses.progress import State, Step, StepKind, exam_open, missing, next_step, percent, states


def lesson(name: str, *after: str) -> Lesson:
    return Lesson(id=name, title=name.upper(), minutes=5, body_markdown="x", after=after)


COURSE = Course(
    slug="c",
    title="C",
    summary="s",
    language="en",
    modules=(Module("m", "M", (lesson("a"), lesson("b", "a"))), Module("n", "N", (lesson("c"), lesson("d", "b", "c")))),
    exams=(ExamRef("half", "Half way", ("a", "b")), ExamRef("final", "The end", ("a", "b", "c", "d"))),
)


def test_what_is_done_open_and_locked() -> None:
    assert states(COURSE, {"a"}) == {"a": State.done, "b": State.open, "c": State.open, "d": State.locked}
    assert states(COURSE, {"d"})["d"] is State.done


def test_what_is_missing_is_named_in_reading_order() -> None:
    assert [one.id for one in missing(COURSE, COURSE.lesson("d"), {"a"})] == ["b", "c"]
    assert missing(COURSE, COURSE.lesson("d"), {"b", "c"}) == ()


def test_an_exam_opens_when_its_lessons_are_done() -> None:
    half, final = COURSE.exams
    assert exam_open(COURSE, half, ["b", "a"])
    assert not exam_open(COURSE, final, ["a", "b", "c"])
    assert exam_open(COURSE, final, ["a", "b", "c", "d"])


def test_next_step_from_the_first_lesson_to_the_end() -> None:
    assert next_step(COURSE, ()) == Step(StepKind.lesson, "a", "A")
    assert next_step(COURSE, {"a", "b"}) == Step(StepKind.lesson, "c", "C")
    assert next_step(COURSE, {"a", "b", "c", "d"}) == Step(StepKind.exam, "half", "Half way")
    assert next_step(COURSE, {"a", "b", "c", "d"}, {"half"}) == Step(StepKind.exam, "final", "The end")
    assert next_step(COURSE, {"a", "b", "c", "d"}, {"half", "final"}) is None


def test_lessons_that_are_gone_count_for_nothing() -> None:
    assert percent(COURSE, {"a", "gone"}) == 25
    assert percent(COURSE, {"gone"}) == 0


@st.composite
def some_courses(draw: st.DrawFn) -> Course:
    names = [f"l{at}" for at in range(draw(st.integers(1, 8)))]
    lessons = [
        lesson(name, *draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else ())
        for at, name in enumerate(names)
    ]
    exams = (ExamRef("e", "E", tuple(names)),)
    return Course("c", "C", "s", "en", (Module("m", "M", tuple(lessons)),), exams)


@given(some_courses(), st.data())
@settings(max_examples=50, deadline=None)
def test_following_the_next_step_always_reaches_the_end(course: Course, data: st.DataObject) -> None:
    ids = [one.id for one in course.lessons]
    done = set(data.draw(st.lists(st.sampled_from(ids))))
    before = percent(course, done)
    while (step := next_step(course, done)) is not None and step.kind is StepKind.lesson:
        assert states(course, done)[step.id] is State.open
        done.add(step.id)
        assert percent(course, done) > before or len(ids) > 100
        before = percent(course, done)
    assert before == 100
    assert step == Step(StepKind.exam, "e", "E")


@given(some_courses(), st.data())
@settings(max_examples=50, deadline=None)
def test_a_hundred_per_cent_means_everything(course: Course, data: st.DataObject) -> None:
    done = data.draw(st.sets(st.sampled_from([one.id for one in course.lessons])))
    assert (percent(course, done) == 100) == (len(done) == len(course.lessons))
    assert exam_open(course, course.exams[0], done) == (percent(course, done) == 100)
