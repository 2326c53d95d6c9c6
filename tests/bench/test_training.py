from mimamo.bench.training import generated_fold, published_batches, small_sizes, take_steps


def test_steps_of_a_training_are_counted_and_learn(tmp_path):
    data = generated_fold(tmp_path, "a", 600)
    timings = take_steps(data, small_sizes(), published_batches("float32"), steps=4)
    assert len(timings.losses) == 5
    assert timings.losses[-1] < timings.losses[0] - 0.3
    assert 0 <= timings.data_seconds < timings.step_seconds
