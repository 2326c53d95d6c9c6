from dataclasses import replace

from mimamo.bench.training import (
    ADDED,
    added_stream,
    generated_fold,
    moving_average,
    published_batches,
    published_units,
    small_sizes,
    take_steps,
)


def test_steps_of_a_training_are_counted_and_learn(tmp_path):
    data = generated_fold(tmp_path, "a", 600)
    timings = take_steps(data, small_sizes(), published_batches("float32"), steps=4)
    assert len(timings.losses) == 5
    assert timings.losses[-1] < timings.losses[0] - 0.3
    assert timings.cpu_seconds > 0
    assert 0 <= timings.data_seconds < timings.step_seconds


def test_speed_is_told_in_the_units_of_the_published_loop():
    row = published_units(0.01, "float32")
    assert (row.value, row.unit, row.met) == (100, "frames/s", True)
    assert not published_units(0.04, "float32").met


def test_a_third_stream_is_trained_beside_the_two(tmp_path):
    config, sizes = replace(published_batches("float32"), batch_size=2, window=16, hop=8), small_sizes()
    without = take_steps(generated_fold(tmp_path, "a", 64), sizes, config, steps=1)
    row = added_stream(tmp_path, "words", sizes, config, 1, without)
    assert (row.unit, row.target) == ("%", "<= 15") and f"{ADDED} values" in row.what


def test_a_moving_average_is_taken_in_steps_that_are_the_same(tmp_path):
    config, sizes = replace(published_batches("float32"), batch_size=2, window=16, hop=8), small_sizes()
    data = generated_fold(tmp_path, "a", 64)
    without = take_steps(data, sizes, config, steps=2)
    assert (take_steps(data, sizes, replace(config, average="ema"), 2).losses == without.losses).all()
    row = moving_average(data, "words", sizes, config, 2, without)
    assert (row.unit, row.target) == ("%", "<= 5") and "moving average" in row.what
