import numpy as np

from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.optimiser import make_optimiser


def test_published_schedule_falls_tenfold_at_its_epochs():
    config = TrainingConfig(milestones=(2, 3))
    optimiser, schedule = make_optimiser(MimamoNet(NetworkConfig(pool5_width=4)), config, steps_per_epoch=5)
    rates = []
    for _ in range(20):
        rates.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    np.testing.assert_allclose(rates, [1e-3] * 10 + [1e-4] * 5 + [1e-5] * 5)
    assert optimiser.param_groups[0]["momentum"] == 0.9 and optimiser.param_groups[0]["weight_decay"] == 5e-4
