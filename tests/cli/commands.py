"""Commands in this process."""

from lib_train import cli


def run(*words):
    """The exit code of ``train-tools`` with these words."""
    return cli.main([str(word) for word in words])


def small(pictures, checkpoint, *more):
    """Flags of a run on these pictures that ends within seconds."""
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--resolution", 64, "--min_bucket_reso", 64,
            "--network_dim", 2, "--train_batch_size", 2, "--device", "cpu", *more]  # fmt: skip
