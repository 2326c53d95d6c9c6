"""From predictions of the folds' networks to one value for every frame of a video."""
