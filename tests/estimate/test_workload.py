from mimamo.estimate.workload import AFFWILD2


def test_affwild2_has_the_published_numbers():
    assert sum(AFFWILD2.names.values()) == 561 and AFFWILD2.crops == 2_647_921
