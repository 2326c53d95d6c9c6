"""What people bring: crops of their own, published checkpoints."""
