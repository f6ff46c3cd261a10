"""Train CAREamics' CARE for some processor minutes, in an environment of its own; `finetuning.py` calls it.

    python careamics_contender.py PAIR.npz RESULT.npz MINUTES SEED

Their defaults (U-Net of depth 2 and 32 channels, Adam at 1e-3, L1, flips and turns, the weights of the best
validation), patches of 64, batches of 16; of stacks, 8 × 64 × 64 and 2. Two of them are for longer epochs than the four
steps of one here: early stopping, which ended runs after three epochs without progress, is off; and the rate falls
after 100 epochs without any in place of 10, after which it had come to 1e-8.
"""

from __future__ import annotations

import sys
import tempfile
import time

import numpy as np
import torch
from careamics import CAREamist
from careamics.config.factories.care_n2n_factory import create_advanced_care_config
from pytorch_lightning import Callback


class Budget(Callback):
    def __init__(self, seconds: float) -> None:
        self.steps, self.end = 0, time.process_time() + seconds

    def on_train_batch_end(self, trainer, *_) -> None:
        self.steps += 1
        trainer.should_stop = trainer.should_stop or time.process_time() > self.end


def main() -> None:
    pair, result, minutes, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(1)
    began = time.process_time()  # imports don't count, here as there
    data = np.load(pair)
    axes = "ZYX" if data["raw"].ndim == 3 else "YX"
    patch = (8, 64, 64) if axes == "ZYX" else (64, 64)
    config = create_advanced_care_config(
        experiment_name="care",
        data_type="array",
        axes=axes,
        patch_size=patch,
        batch_size=2 if axes == "ZYX" else 16,
        num_epochs=100_000,
        num_workers=0,
        trainer_params={"accelerator": "cpu", "log_every_n_steps": 10**6},
        seed=seed,
        lr_scheduler_params={"patience": 100},
        early_stopping_params={"monitor": "val_loss", "mode": "min", "patience": 10**6},
    )
    budget = Budget(60 * minutes)
    with tempfile.TemporaryDirectory() as folder:
        care = CAREamist(config, work_dir=folder, callbacks=[budget], enable_progress_bar=False)
        care.train(
            train_data=data["training_raw"],
            train_data_target=data["training_truth"],
            val_data=data["validation_raw"],
            val_data_target=data["validation_truth"],
        )
        tile = {"tile_size": (8, 128, 128), "tile_overlap": (4, 48, 48)} if axes == "ZYX" else {}
        predictions, _ = care.predict(data["raw"], **tile)
    spent = time.process_time() - began
    trainer = care.trainer
    print("epochs", trainer.current_epoch, "last rate", trainer.optimizers[0].param_groups[0]["lr"], file=sys.stderr)
    np.savez(result, result=np.squeeze(predictions[0]), steps=budget.steps, seconds=spent)


if __name__ == "__main__":
    main()
